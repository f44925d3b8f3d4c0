import type { CallOptions } from '../calls.ts';
import { HoldfastError } from '../errors.ts';
import type { AccountCalls, AccountInfo, AccountOptions, ApiToken, CreatedToken } from './account-calls.ts';
import { toDevice } from './device.ts';
import { type ConfirmSignInInput, endedMessage, type SignInResponse, type SignInRoutes } from './sign-in.ts';

/** The steps of a sign-in that most pages never need. */
export function createSteps({ send, toSignedIn }: Pick<SignInRoutes, 'send' | 'toSignedIn'>) {
  return {
    async confirm({ challenge, code, isTrusted = false }: ConfirmSignInInput, { signal }: CallOptions) {
      const given = code.replaceAll(/\s/g, '');
      const path = `two-factor/verify-${/^\d+$/.test(given) ? 'totp' : 'backup-code'}`;
      const body = { challenge, code: given, trustDevice: isTrusted };
      return toSignedIn((await send({ path, body, signal })) as SignInResponse);
    },
    /** The session of the cookie. */
    async find({ signal }: CallOptions) {
      const found = (await send({ path: 'get-session', signal })) as SignInResponse | null;
      if (found !== null) return toSignedIn(found);
      throw new HoldfastError({ code: 'UNAUTHORIZED', message: endedMessage, isRetryable: true });
    },
  };
}

interface StoredSession {
  id: string;
  userAgent: string | null;
  createdAt: string;
  updatedAt: string;
  expiresAt: string;
  isCurrent: boolean;
}

export function createAccountCalls({ send, loadSession }: AccountOptions): AccountCalls {
  async function read(path: string, { signal }: CallOptions = {}): Promise<unknown> {
    return send({ path, session: await loadSession(), signal });
  }

  async function write(path: string, body: object, { signal }: CallOptions = {}): Promise<unknown> {
    return send({ path, body, session: await loadSession(), signal });
  }

  /** For people who cannot sign in. */
  async function writeUnsigned(path: string, body: object, { signal }: CallOptions = {}): Promise<void> {
    await send({ path, body, signal });
  }

  return {
    async info(options) {
      const {
        providers = [],
        hasPassword,
        hasTwoFactor,
        ...rest
      } = (await read('account', options)) as Partial<AccountInfo>;
      // Servers of earlier versions have only accounts with a password.
      const isSignedIn = rest.emailVerified !== null;
      return {
        ...rest,
        providers,
        hasPassword: hasPassword ?? (isSignedIn ? true : null),
        hasTwoFactor: hasTwoFactor ?? (isSignedIn ? false : null),
      } as AccountInfo;
    },
    async signInPage({ provider, returnTo, failedAt }, options) {
      const body = { provider, callbackURL: returnTo, errorCallbackURL: failedAt };
      const { url } = (await send({ path: 'sign-in/social', body, signal: options?.signal })) as { url: string };
      return url;
    },
    requestPasswordReset: ({ email }, options) => writeUnsigned('request-password-reset', { email }, options),
    resetPassword: ({ token, password }, options) =>
      writeUnsigned('reset-password', { token, newPassword: password }, options),
    async changePassword({ current, next }, options) {
      await write('change-password', { currentPassword: current, newPassword: next }, options);
    },
    async setUpTwoFactor({ password }, options) {
      const created = (await write('two-factor/enable', { password }, options)) as {
        totpURI: string;
        backupCodes: string[];
      };
      const { totpURI: uri, backupCodes } = created;
      return { uri, secret: new URL(uri).searchParams.get('secret')!, backupCodes };
    },
    async confirmTwoFactor({ code }, options) {
      await write('two-factor/confirm', { code: code.replaceAll(/\s/g, '') }, options);
    },
    async turnOffTwoFactor({ password }, options) {
      await write('two-factor/disable', { password }, options);
    },
    async newBackupCodes({ password }, options) {
      const created = await write('two-factor/generate-backup-codes', { password }, options);
      return (created as { backupCodes: string[] }).backupCodes;
    },
    async changeEmail({ email, password }, options) {
      await write('change-email', { newEmail: email, password }, options);
    },
    async sendVerification(options) {
      await write('send-verification-email', {}, options);
    },
    async verifyEmail({ token }, options) {
      const { email } = (await write('verify-email', { token }, options)) as { email: string };
      return { email };
    },
    async sessions(options) {
      const sessions = (await read('list-sessions', options)) as StoredSession[];
      return sessions.map(({ id, userAgent, createdAt, updatedAt, expiresAt, isCurrent }) => ({
        id,
        device: toDevice(userAgent ?? ''),
        createdAt,
        lastUsedAt: updatedAt,
        expiresAt,
        isCurrent,
      }));
    },
    async endSession({ id }, options) {
      await write('revoke-session', { id }, options);
    },
    async endOtherSessions(options) {
      await write('revoke-other-sessions', {}, options);
    },
    tokens: async (options) => (await read('list-tokens', options)) as ApiToken[],
    createToken: async (input, options) => (await write('create-token', input, options)) as CreatedToken,
    async endToken({ id }, options) {
      await write('revoke-token', { id }, options);
    },
  };
}
