import type { BetterAuthPlugin } from 'better-auth';
import { createAuthMiddleware, getSessionFromCtx } from 'better-auth/api';
import { readBearer } from '../../request/bearer.ts';
import type { HookContext } from './known-devices.ts';
import type { LimitPasswords } from './password-attempts.ts';
import { createSignInAttempts, type SignInAttemptsOptions } from './sign-in-attempts.ts';

export interface ThrottleOptions extends SignInAttemptsOptions {
  limitPasswords: LimitPasswords;
}

/** Routes of the library that check the password of a signed-in user. */
const passwordPaths = new Set<unknown>(['/change-password', '/two-factor/enable', '/two-factor/generate-backup-codes']);

/** Routes after which the browser is known. */
const signInPaths = new Set<unknown>([
  '/sign-in/email',
  '/sign-up/email',
  '/callback/:id',
  '/two-factor/verify-totp',
  '/two-factor/verify-backup-code',
]);

/** The session of a request. A hook does not see the cookie into which the library turns a token. */
async function findSession(context: HookContext) {
  const token = readBearer(context.headers?.get('authorization') ?? '')?.split('.', 1)[0];
  return token === undefined ? getSessionFromCtx(context) : context.context.internalAdapter.findSession(decode(token));
}

function decode(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

/** Limits attempts to guess passwords. */
export function createThrottlePlugin({ limitPasswords, ...options }: ThrottleOptions) {
  const attempts = createSignInAttempts(options);
  return {
    id: 'throttle',
    hooks: {
      before: [
        {
          matcher: ({ path }) => path === '/sign-in/email',
          handler: createAuthMiddleware((context) => attempts.begin(context)),
        },
        {
          matcher: ({ path }) => passwordPaths.has(path),
          handler: createAuthMiddleware(async (context) => {
            const found = await findSession(context);
            if (found) await limitPasswords({ userId: found.user.id, sessionId: found.session.id });
          }),
        },
      ],
      after: [
        {
          matcher: ({ path }) => signInPaths.has(path),
          handler: createAuthMiddleware(async (context) => {
            const { newSession } = context.context;
            if (newSession) await attempts.succeed(context, newSession);
          }),
        },
      ],
    },
  } satisfies BetterAuthPlugin;
}
