import { createHmac, randomBytes } from 'node:crypto';
import type { createAuthMiddleware } from 'better-auth/api';

/** The request and the response of a hook of the library. */
export type HookContext = Parameters<Parameters<typeof createAuthMiddleware>[0]>[0];

/** Browsers shorten a longer life. */
const maxAge = 365 * 86_400;
const devicesMax = 5;
const labelLength = 22;
const idLength = 16;
const entryForm = new RegExp(`.{${labelLength + idLength}}`, 'g');

/** Browsers that have signed in before, recognized by a signed cookie. Its content says nothing about the account. */
export interface KnownDevices {
  /** An ID of this browser for the account. Null if it has not signed in to the account before. */
  find(context: HookContext, email: string): Promise<string | null>;
  /** Stores a mark of the account in the browser after a sign-in. */
  remember(context: HookContext, email: string): Promise<void>;
}

// Only the routes for accounts receive the cookie.
const toCookie = ({ context }: HookContext) => context.createAuthCookie('browser', { maxAge, path: '/api/auth' });

/** Of earlier versions. With the same name, browsers would send both, and the library would read only this one. */
const toFormerCookie = ({ context }: HookContext) =>
  context.createAuthCookie('device', { maxAge: 0, path: '/api/auth/sign-in' });

async function readEntries(context: HookContext, name: string): Promise<string[]> {
  const value = await context.getSignedCookie(name, context.context.secret);
  return (value || '').match(entryForm) ?? [];
}

async function read(context: HookContext): Promise<string[]> {
  const entries = await readEntries(context, toCookie(context).name);
  return [...entries, ...(await readEntries(context, toFormerCookie(context).name))];
}

/** The parts of a `Cookie` header with the marks. */
export function pickMarks(context: HookContext): string[] {
  const names = [toCookie(context), toFormerCookie(context)].map(({ name }) => `${name}=`);
  const parts = (context.headers?.get('cookie') ?? '').split(';').map((part) => part.trim());
  return parts.filter((part) => names.some((name) => part.startsWith(name)));
}

export function createKnownDevices(secret: string): KnownDevices {
  const toLabel = (email: string) =>
    createHmac('sha256', secret).update(`device ${email.toLowerCase()}`).digest('base64url').slice(0, labelLength);

  return {
    async find(context, email) {
      const label = toLabel(email);
      const known = (await read(context)).find((entry) => entry.startsWith(label));
      return known?.slice(labelLength) ?? null;
    },
    async remember(context, email) {
      const label = toLabel(email);
      const entries = await read(context);
      const known = entries.find((entry) => entry.startsWith(label));
      const entry = known ?? label + randomBytes((idLength / 4) * 3).toString('base64url');
      const others = entries.filter((other) => !other.startsWith(label));
      const value = [entry, ...others].slice(0, devicesMax).join('');
      const { name, attributes } = toCookie(context);
      await context.setSignedCookie(name, value, context.context.secret, attributes);
      const former = toFormerCookie(context);
      if (context.getCookie(former.name)) context.setCookie(former.name, '', former.attributes);
    },
  };
}
