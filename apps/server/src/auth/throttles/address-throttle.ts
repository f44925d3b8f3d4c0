import type { BetterAuthRateLimitOptions } from 'better-auth';
import type { CreateLimiter } from '../../rate-limit.ts';

/** Paths that check a password, create an account or send mails. Each has a separate count. The sign-in has its own limits. */
const strictRules = {
  '/sign-in/social': { window: 60, max: 30 },
  '/sign-up/email': { window: 60, max: 30 },
  '/two-factor/verify-totp': { window: 60, max: 15 },
  '/two-factor/verify-backup-code': { window: 60, max: 15 },
  '/create-token': { window: 60, max: 15 },
  '/change-password': { window: 60, max: 15 },
  '/change-email': { window: 60, max: 15 },
  '/request-password-reset': { window: 60, max: 15 },
  '/reset-password': { window: 60, max: 15 },
  '/send-verification-email': { window: 60, max: 15 },
};

/** All other paths together. Clients often read tokens, sessions and keys. */
const defaultRule = { window: 60, max: 1200 };

/**
 * Limits how often one address may call the sign-in routes.
 *
 * Replaces the library's own memory: all instances in a process share it, it removes a count only after a window
 * without any call, and it stores a count for every path that a client makes up.
 */
export function createAddressThrottle(createLimiter: CreateLimiter): BetterAuthRateLimitOptions {
  const toLimiter = (name: string, { window, max }: typeof defaultRule) =>
    createLimiter({ name, max, windowSeconds: window });
  const limiters = new Map(Object.entries(strictRules).map(([path, rule]) => [path, toLimiter(path, rule)]));
  const defaultLimiter = toLimiter('/', defaultRule);
  return {
    enabled: true,
    ...defaultRule,
    customRules: { ...strictRules, '/**': defaultRule },
    customStorage: {
      async consume(key) {
        // The library writes its keys as `<address>|<path>`.
        const [address = '', path = ''] = key.split('|');
        const retryAfterMs = await (limiters.get(path) ?? defaultLimiter)(address);
        return { allowed: retryAfterMs === null, retryAfter: retryAfterMs && Math.ceil(retryAfterMs / 1000) };
      },
    },
  };
}
