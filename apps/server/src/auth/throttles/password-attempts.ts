import { assertWithinLimit, type CreateLimiter } from '../../rate-limit.ts';

const windowSeconds = 15 * 60;
/** Of one session, so that a stolen session does not use up the attempts of the owner's other sessions. */
const sessionRule = { name: 'session passwords', max: 10, windowSeconds };
/** Of all sessions of a user, from all addresses. */
const userRule = { name: 'user passwords', max: 30, windowSeconds };

/**
 * Counts a check of a signed-in user's password. Someone with a stolen session could otherwise use them to guess the password. The
 * limit does not affect the sign-in.
 *
 * @throws TRPCError TOO_MANY_REQUESTS
 */
export type LimitPasswords = (user: { userId: string; sessionId: string | null }) => Promise<void>;

export function createPasswordLimit(createLimiter: CreateLimiter): LimitPasswords {
  const limitSession = createLimiter(sessionRule);
  const limitUser = createLimiter(userRule);
  const message = 'Too many attempts. Try again later.';
  return async ({ userId, sessionId }) => {
    if (sessionId !== null) assertWithinLimit(await limitSession(sessionId), message);
    assertWithinLimit(await limitUser(userId), message);
  };
}
