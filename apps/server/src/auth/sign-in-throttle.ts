import type { BetterAuthRateLimitOptions } from 'better-auth';
import type { CreateLimiter } from '../rate-limit.ts';

/** Where a password can be tried or an account made, each counted by itself. */
const guarded = {
  '/sign-in/email': { window: 60, max: 15 },
  '/sign-up/email': { window: 60, max: 30 },
  '/change-password': { window: 60, max: 15 },
  '/verify-password': { window: 60, max: 15 },
};

/** All else together: tokens, sessions and keys are asked for often. */
const general = { window: 60, max: 1200 };

/**
 * How often one address may call the sign-in routes.
 *
 * The library's own memory is not used: it is shared by all instances in a process, forgets a count only after a
 * window without any call, and keeps a count for every path that anybody makes up.
 */
export function createSignInThrottle(createLimiter: CreateLimiter): BetterAuthRateLimitOptions {
  const make = (name: string, { window, max }: typeof general) => createLimiter({ name, max, windowSeconds: window });
  const limiters = new Map(Object.entries(guarded).map(([path, rule]) => [path, make(path, rule)]));
  const others = make('/', general);
  return {
    enabled: true,
    ...general,
    customRules: { ...guarded, '/**': general },
    customStorage: {
      async consume(key) {
        // The library writes its keys as `<address>|<path>`.
        const [address = '', path = ''] = key.split('|');
        const retryAfterMs = await (limiters.get(path) ?? others)(address);
        return { allowed: retryAfterMs === null, retryAfter: retryAfterMs && Math.ceil(retryAfterMs / 1000) };
      },
    },
  };
}
