import type { BetterAuthRateLimitOptions } from 'better-auth';
import { createThrottle } from './throttle.ts';

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
export function createSignInThrottle(): BetterAuthRateLimitOptions {
  const throttle = createThrottle();
  return {
    enabled: true,
    ...general,
    customRules: { ...guarded, '/**': general },
    customStorage: {
      consume(key, rule) {
        // The library writes its keys as `<address>|<path>`.
        const [address = '', path = ''] = key.split('|');
        return throttle.consume(path in guarded ? key : address, rule);
      },
    },
  };
}
