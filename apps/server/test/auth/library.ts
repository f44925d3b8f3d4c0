import type { AuthStore } from '@holdfast/db';
import { createSignIn } from '../../src/auth/sign-in.ts';
import { createPasswordLimit } from '../../src/auth/throttles/password-attempts.ts';
import { createToShare } from '../../src/peers/place.ts';
import { createLimiters } from '../../src/rate-limit.ts';
import { secret } from '../fixture.ts';

/** The sign-in library with the settings of a server, without its routes. */
export function openLibrary(store: AuthStore, publicUrl: string) {
  const createLimiter = createLimiters(null);
  return createSignIn({
    store,
    publicUrl,
    secret,
    trustedOrigins: [],
    createLimiter,
    limitPasswords: createPasswordLimit(createLimiter),
    sessionDays: 30,
    providers: {},
    mailer: null,
    confirmsSignUps: false,
    onSessionsEnded: async () => {},
    toShare: createToShare(),
  });
}
