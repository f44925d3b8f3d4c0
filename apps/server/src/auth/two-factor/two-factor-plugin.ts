import { createOTP } from '@better-auth/utils/otp';
import { type AuthStore, findTwoFactor, turnOffTwoFactor, turnOnTwoFactor } from '@holdfast/db';
import type { BetterAuthPlugin } from 'better-auth';
import { APIError, createAuthEndpoint, createAuthMiddleware, sensitiveSessionMiddleware } from 'better-auth/api';
import { symmetricDecrypt } from 'better-auth/crypto';
import { z } from 'zod';
import { assertWithinLimit, type CreateLimiter } from '../../rate-limit.ts';
import { assertPassword, currentPassword } from '../password.ts';
import { type HookContext, pickMarks } from '../throttles/known-devices.ts';
import type { LimitPasswords } from '../throttles/password-attempts.ts';

export interface TwoFactorOptions {
  store: AuthStore;
  createLimiter: CreateLimiter;
  limitPasswords: LimitPasswords;
}

/** Codes with which someone can try to confirm a new second factor. */
const confirmRule = { name: 'two-factor codes', max: 20, windowSeconds: 15 * 60 };

/** A code is valid for at most 90 seconds, so that someone who has seen it cannot use it again. */
const useRule = { name: 'two-factor uses', max: 1, windowSeconds: 2 * 60 };

/** Six digits, or a backup code. */
const code = z.string().min(1).max(50);

const isVerification = (path: string | undefined) =>
  path === '/two-factor/verify-totp' || path === '/two-factor/verify-backup-code';

/** The library stores the first step of a sign-in in a cookie. Programs have no cookies. */
const toCookieName = ({ context }: HookContext) => context.createAuthCookie('two_factor').name;

/** The value of the library's cookie in a response. */
function readChallenge(context: HookContext): string | undefined {
  const name = toCookieName(context);
  const cookies = context.context.responseHeaders?.getSetCookie() ?? [];
  return cookies
    .find((cookie) => cookie.startsWith(`${name}=`))
    ?.slice(name.length + 1)
    .split(';', 1)[0];
}

/**
 * The routes for the second factor. The library's routes replace the session when the factor is turned on or off, which would end
 * the streams of a page, and they need its cookie at the sign-in.
 */
export function createTwoFactorPlugin({ store, createLimiter, limitPasswords }: TwoFactorOptions) {
  const limitCodes = createLimiter(confirmRule);
  const limitUses = createLimiter(useRule);
  return {
    id: 'two-factor-routes',
    endpoints: {
      confirmTwoFactor: createAuthEndpoint(
        '/two-factor/confirm',
        { method: 'POST', body: z.object({ code }), use: [sensitiveSessionMiddleware] },
        async (context) => {
          const { user } = context.context.session;
          assertWithinLimit(await limitCodes(`user ${user.id}`), 'Too many codes. Try again later.');
          const stored = await findTwoFactor(store, user.id);
          if (stored === undefined || stored.isVerified) throw toNotStarted();
          const secret = await symmetricDecrypt({ key: context.context.secretConfig, data: stored.secret });
          if (!(await createOTP(secret).verify(context.body.code))) throw toInvalidCode();
          await turnOnTwoFactor(store, user.id);
          return context.json({ status: true });
        },
      ),
      disableTwoFactor: createAuthEndpoint(
        '/two-factor/disable',
        {
          method: 'POST',
          body: z.object({ password: currentPassword }),
          use: [sensitiveSessionMiddleware],
        },
        async (context) => {
          await assertPassword(context.context, context.body.password, limitPasswords);
          await turnOffTwoFactor(store, context.context.session.user.id);
          return context.json({ status: true });
        },
      ),
    },
    hooks: {
      before: [
        {
          matcher: ({ path }) => isVerification(path),
          handler: createAuthMiddleware(async (context) => {
            const { challenge } = (context.body ?? {}) as { challenge?: unknown };
            const isUsable = typeof challenge === 'string' && /^[\w.%+/=-]{1,300}$/.test(challenge);
            // A session would make the library turn the factor on instead.
            if (!isUsable || context.headers?.has('authorization')) throw toInvalidChallenge();
            const cookies = [`${toCookieName(context)}=${challenge}`, ...pickMarks(context)];
            const headers = new Headers({ cookie: cookies.join('; ') });
            return { context: { headers } };
          }),
        },
      ],
      after: [
        {
          matcher: ({ path }) => path === '/two-factor/verify-totp',
          handler: createAuthMiddleware(async (context) => {
            const { newSession, internalAdapter, responseHeaders } = context.context;
            if (!newSession) return;
            const use = `${newSession.user.id} ${(context.body as { code: string }).code}`;
            if ((await limitUses(use)) === null) return;
            await internalAdapter.deleteSession(newSession.session.token);
            context.context.setNewSession(null);
            responseHeaders?.delete('set-cookie');
            throw toInvalidCode();
          }),
        },
        {
          matcher: ({ path }) => path === '/sign-in/email',
          handler: createAuthMiddleware(async (context) => {
            const returned = context.context.returned as { twoFactorRedirect?: boolean } | undefined;
            if (returned?.twoFactorRedirect !== true) return;
            const challenge = readChallenge(context);
            // An error, so that apps of earlier versions show its message.
            const message = 'Your account needs a second factor. Enter the code of your app.';
            throw new APIError('FORBIDDEN', { code: 'TWO_FACTOR_REQUIRED', message, challenge });
          }),
        },
      ],
    },
  } satisfies BetterAuthPlugin;
}

function toNotStarted(): APIError {
  const message = 'There is nothing to confirm. Start again with the password.';
  return new APIError('BAD_REQUEST', { code: 'TWO_FACTOR_NOT_STARTED', message });
}

function toInvalidCode(): APIError {
  return new APIError('BAD_REQUEST', { code: 'INVALID_CODE', message: 'Invalid code' });
}

function toInvalidChallenge(): APIError {
  const message = 'The sign-in has expired. Start again with the password.';
  return new APIError('UNAUTHORIZED', { code: 'INVALID_TWO_FACTOR_COOKIE', message });
}
