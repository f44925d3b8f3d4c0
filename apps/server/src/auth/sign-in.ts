import { type AuthStore, endSurplusSessions, isStorableText, unlockTwoFactor } from '@holdfast/db';
import { betterAuth } from 'better-auth';
import { APIError, createAuthMiddleware } from 'better-auth/api';
import { bearer, jwt } from 'better-auth/plugins';
import { z } from 'zod';
import type { Mailer } from '../mail/mailer.ts';
import type { Peers } from '../peers/peers.ts';
import type { ToShare } from '../peers/place.ts';
import type { CreateLimiter } from '../rate-limit.ts';
import { clientAddressHeader } from '../request/client-address.ts';
import { createAccountPlugin } from './account/account-plugin.ts';
import { createConfirmation } from './account/confirmation.ts';
import { confirmAddress, endLinks } from './account/links.ts';
import { createSignUpMails } from './account/sign-up-mails.ts';
import { toCookieNames } from './cookie-names.ts';
import { createEndSessions } from './end-sessions.ts';
import { createPasswordHash } from './password-hash.ts';
import {
  assertConfirmedAddress,
  listProviders,
  type Providers,
  toProviderOptions,
  withoutProviderTokens,
} from './providers/providers.ts';
import { captureFailure } from './sign-in-failure.ts';
import { createKeyAdapter } from './signing-key.ts';
import { createAddressThrottle } from './throttles/address-throttle.ts';
import { refuseLongHosts } from './throttles/long-hosts.ts';
import type { LimitPasswords } from './throttles/password-attempts.ts';
import { createThrottlePlugin } from './throttles/throttle-plugin.ts';
import { createLibraryTwoFactor } from './two-factor/library-plugin.ts';
import { createTwoFactorPlugin } from './two-factor/two-factor-plugin.ts';

export interface SignInOptions {
  store: AuthStore;
  /** Origin of the server, and issuer and audience of its tokens. */
  publicUrl: string;
  /** Signs sessions and encrypts the private key of tokens. At least 32 characters. */
  secret: string;
  /** Origins, in addition to the public URL's, whose pages may sign in and use the session cookie. */
  trustedOrigins: string[];
  createLimiter: CreateLimiter;
  /** Days after which an unused session ends. */
  sessionDays: number;
  providers: Providers;
  /** Null if the server sends no mail. */
  mailer: Mailer | null;
  /** Whether a new account can be used only after its address is confirmed by mail. */
  confirmsSignUps: boolean;
  /** The other workers. Null if this process is the whole server. */
  peers: Peers | null;
  toShare: ToShare;
}

interface LibraryOptions extends Omit<SignInOptions, 'peers'> {
  limitPasswords: LimitPasswords;
  /** Called after a request has ended sessions. */
  onSessionsEnded: () => Promise<void>;
}

/** The built-in sign-in. */
export type SignIn = ReturnType<typeof createSignIn>;

const storableText = (max: number) =>
  z
    .string()
    .max(max, { error: `must have at most ${max} characters`, abort: true })
    .refine(isStorableText, { error: 'must not contain NUL or lone surrogates' });
// A page that shows a `javascript:` URL as a link runs its code.
const image = storableText(2000).refine((text) => /^https?:$/.test(URL.parse(text)?.protocol ?? ''), {
  error: 'must be an http or https URL',
});
const name = storableText(200).refine((text) => text.trim() !== '', { error: 'must not be blank' });
const userFields = z.object({ name, email: storableText(254), image: image.nullish() }).partial();

// The library does not limit these texts, and tokens and responses contain all of them.
async function assertUserFields(user: object): Promise<void> {
  const issue = userFields.safeParse(user).error?.issues[0];
  if (issue)
    throw new APIError('BAD_REQUEST', { code: 'INVALID_FIELD', message: `${issue.path.join('.')}: ${issue.message}` });
}

/** Also for an address that has an account, where the library creates no user. It checks the types itself. */
async function assertFieldsOfSignUp(body: unknown): Promise<void> {
  const texts = z.object({ name: z.string(), email: z.string(), image: z.string().optional() }).safeParse(body);
  if (texts.success) await assertUserFields(texts.data);
}

const passwordLimits = { minPasswordLength: 8, maxPasswordLength: 128 };

const isValidPassword = (given: unknown): given is string =>
  typeof given === 'string' &&
  given.length >= passwordLimits.minPasswordLength &&
  given.length <= passwordLimits.maxPasswordLength;

/** The fields of new passwords whose hashes are created before the library handles the request. */
const preparedPasswords: Record<string, string> = { '/sign-up/email': 'password', '/reset-password': 'newPassword' };

/** Creates sign-in by email and password, sessions, and tokens that are valid for 15 minutes. */
export function createSignIn(options: LibraryOptions) {
  const { store, publicUrl, secret, trustedOrigins, createLimiter, limitPasswords } = options;
  const { sessionDays, providers, mailer, confirmsSignUps, onSessionsEnded } = options;
  const { prepare, ...passwordHash } = createPasswordHash(options.toShare);
  const isSecure = publicUrl.startsWith('https:');
  const cookieNames = toCookieNames(isSecure);
  const mails = createSignUpMails({ store, mailer, publicUrl, createLimiter });
  const confirmation = createConfirmation({ mails, confirmsSignUps });
  return betterAuth({
    appName: 'Holdfast',
    baseURL: publicUrl,
    basePath: '/api/auth',
    secret,
    trustedOrigins,
    // Without a transaction, a failure can leave an account that can neither sign in nor be created again.
    database: { db: store.kysely, type: 'postgres', transaction: true },
    databaseHooks: {
      user: { create: { before: assertUserFields }, update: { before: assertUserFields } },
      account: { create: { before: withoutProviderTokens } },
      session: { create: { after: ({ userId }) => endSurplusSessions(store, userId) } },
    },
    user: { validateUserInfo: assertConfirmedAddress },
    ...toProviderOptions(providers),
    emailAndPassword: {
      enabled: true,
      ...passwordLimits,
      ...confirmation.options,
      password: passwordHash,
      async onPasswordReset({ user }) {
        await endLinks(store, user.id);
        await unlockTwoFactor(store, user.id);
        // The link was in a mail to the address.
        if (confirmsSignUps && !user.emailVerified) await confirmAddress(store, user.id);
      },
      revokeSessionsOnPasswordReset: true,
    },
    // A used session is renewed once an hour, which is also the precision of its last use.
    session: { expiresIn: sessionDays * 86_400, updateAge: 3600 },
    // Maintenance removes the old rows.
    verification: { storeIdentifier: 'hashed', disableCleanup: true },
    hooks: {
      // A sign-up is one transaction. Without this, it would occupy a connection while it waits for its hash. A refused hash
      // must not use up the link for a new password.
      before: createAuthMiddleware(async ({ path, body }) => {
        if (path === '/sign-up/email') await assertFieldsOfSignUp(body);
        const field = preparedPasswords[path];
        const given: unknown = field && body?.[field];
        if (isValidPassword(given)) await prepare(given);
      }),
      after: createEndSessions(store, onSessionsEnded),
    },
    rateLimit: createAddressThrottle(createLimiter),
    advanced: {
      // Without joins, a sign-in sends one more statement if the address has an account.
      database: { generateId: 'uuid', joins: true },
      cookiePrefix: cookieNames.prefix,
      cookies: { browser: { name: cookieNames.browser }, device: { name: cookieNames.device } },
      // The prefix is a part of the names.
      useSecureCookies: false,
      defaultCookieAttributes: { secure: isSecure },
      ipAddress: { ipAddressHeaders: [clientAddressHeader] },
      // The library turns these checks off if NODE_ENV is `test`.
      disableCSRFCheck: false,
      disableOriginCheck: false,
    },
    logger: { level: 'error', log: captureFailure },
    // Without this, the library prints a failure with the values of its statement, and sends the response.
    onAPIError: { throw: true, errorURL: `${publicUrl}/sign-in` },
    // The library's page that shows any text from the address.
    disabledPaths: ['/error'],
    telemetry: { enabled: false },
    plugins: [
      // Before the others, which must not see the session that it removes.
      createLibraryTwoFactor(),
      confirmation.plugin,
      createTwoFactorPlugin({ store, createLimiter, limitPasswords }),
      createAccountPlugin({
        store,
        mailer,
        publicUrl,
        createLimiter,
        limitPasswords,
        providers: listProviders(providers),
      }),
      refuseLongHosts,
      bearer(),
      jwt({
        disableSettingJwtHeader: true,
        adapter: createKeyAdapter(store),
        jwt: {
          issuer: publicUrl,
          audience: publicUrl,
          expirationTime: '15m',
          definePayload: ({ user, session }) => ({ email: user.email, name: user.name, sid: session.id }),
        },
      }),
      createThrottlePlugin({ store, secret, createLimiter, limitPasswords }),
    ],
  });
}
