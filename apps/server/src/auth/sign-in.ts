import { type AuthStore, isStorableText } from '@holdfast/db';
import { betterAuth } from 'better-auth';
import { APIError } from 'better-auth/api';
import { bearer, jwt } from 'better-auth/plugins';
import { z } from 'zod';
import type { CreateLimiter } from '../rate-limit.ts';
import { createPasswordHash } from './password-hash.ts';
import { recordFailure } from './sign-in-failure.ts';
import { createSignInThrottle } from './sign-in-throttle.ts';

/** The client's address as the server sees it; whatever a client sends under this name is overwritten. */
export const clientAddressHeader = 'x-holdfast-client-address';

export interface SignInOptions {
  store: AuthStore;
  /** Origin of the server, issuer and audience of its tokens. */
  publicUrl: string;
  /** Signs sessions and seals the private key of tokens; 32 characters or more. */
  secret: string;
  /** Origins whose pages may sign in and use the session cookie, beside the public URL's. */
  trustedOrigins: string[];
  createLimiter: CreateLimiter;
}

/** The built-in sign-in. */
export type SignIn = ReturnType<typeof createSignIn>;

const plain = (max: number) =>
  z
    .string()
    .max(max, { error: `must have at most ${max} characters` })
    .refine(isStorableText, { error: 'must not contain NUL or lone surrogates' });
// Whoever shows it as a link or an image runs what a `javascript:` URL says.
const image = plain(2000).refine((text) => /^https?:$/.test(URL.parse(text)?.protocol ?? ''), {
  error: 'must be an http or https URL',
});
const name = plain(200).refine((text) => text.trim() !== '', { error: 'must not be blank' });
const person = z.object({ name, email: plain(254), image: image.nullish() }).partial();

// The library itself sets these texts no limits, and all of them travel in tokens and answers.
async function assertPerson(user: object): Promise<void> {
  const issue = person.safeParse(user).error?.issues[0];
  if (issue)
    throw new APIError('BAD_REQUEST', { code: 'INVALID_FIELD', message: `${issue.path.join('.')}: ${issue.message}` });
}

/** Sets up sign-in by e-mail and password, sessions, and tokens of 15 minutes. */
export function createSignIn({ store, publicUrl, secret, trustedOrigins, createLimiter }: SignInOptions) {
  return betterAuth({
    appName: 'Holdfast',
    baseURL: publicUrl,
    basePath: '/api/auth',
    secret,
    trustedOrigins,
    // An account is made in several steps. Half of one could neither sign in nor be made again.
    database: { db: store.kysely, type: 'postgres', transaction: true },
    databaseHooks: { user: { create: { before: assertPerson }, update: { before: assertPerson } } },
    emailAndPassword: { enabled: true, minPasswordLength: 8, maxPasswordLength: 128, password: createPasswordHash() },
    rateLimit: createSignInThrottle(createLimiter),
    advanced: {
      database: { generateId: 'uuid' },
      cookiePrefix: 'holdfast',
      useSecureCookies: publicUrl.startsWith('https:'),
      ipAddress: { ipAddressHeaders: [clientAddressHeader] },
      // With NODE_ENV=test these checks would be off.
      disableCSRFCheck: false,
      disableOriginCheck: false,
    },
    logger: { level: 'error', log: recordFailure },
    // Otherwise the library prints a failure with the values of its statement, and answers it by itself.
    onAPIError: { throw: true },
    // A page of the library's own that shows whatever text its address has.
    disabledPaths: ['/error'],
    telemetry: { enabled: false },
    plugins: [
      bearer(),
      jwt({
        disableSettingJwtHeader: true,
        jwt: {
          issuer: publicUrl,
          audience: publicUrl,
          expirationTime: '15m',
          definePayload: ({ user }) => ({ email: user.email, name: user.name }),
        },
      }),
    ],
  });
}
