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

// Only the routes for sign-in receive the cookie.
const toCookie = ({ context }: HookContext) =>
  context.createAuthCookie('device', { maxAge, path: '/api/auth/sign-in' });

async function read(context: HookContext): Promise<string[]> {
  const value = await context.getSignedCookie(toCookie(context).name, context.context.secret);
  return (value || '').match(entryForm) ?? [];
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
      const others = entries.filter((other) => other !== known);
      const value = [entry, ...others].slice(0, devicesMax).join('');
      const { name, attributes } = toCookie(context);
      await context.setSignedCookie(name, value, context.context.secret, attributes);
    },
  };
}
