import type { CallOptions } from '../calls.ts';
import type { SendAuth } from './sign-in.ts';

/** Another service with which users can sign in. */
export type SignInProvider = 'google' | 'github';

export interface AccountInfo {
  /** Whether the server sends mails. Otherwise, users cannot set a forgotten password or change their email address. */
  hasMail: boolean;
  /** Whether the signed-in user has confirmed the email address. Null if no user is signed in. */
  emailVerified: boolean | null;
  /** The services with which users of this server can sign in. */
  providers: SignInProvider[];
  /**
   * Whether the signed-in user has a password. A user without one confirms changes with a sign-in within the last 15 minutes,
   * and sets one with the link of `requestPasswordReset`. Null if no user is signed in.
   */
  hasPassword: boolean | null;
  /** Whether a sign-in with the password needs a code. Null if no user is signed in. */
  hasTwoFactor: boolean | null;
}

/** A session of the user, such as a browser or an app. */
export interface ActiveSession {
  /** UUID of the session. It gives no access. */
  id: string;
  /** Browser and system, such as `Firefox on Linux`. Null if both are unknown. */
  device: string | null;
  /** ISO 8601 in UTC. */
  createdAt: string;
  /** ISO 8601 in UTC, at most about an hour and 15 minutes too early. */
  lastUsedAt: string;
  /** ISO 8601 in UTC. Each use postpones it. */
  expiresAt: string;
  /** Whether this client uses the session. */
  isCurrent: boolean;
}

/** What an API token permits: only reading, or everything except the account's password, sessions, tokens and deletion. */
export type TokenScope = 'read' | 'write';

/** A token of the user for scripts. */
export interface ApiToken {
  /** UUID of the token. It gives no access. */
  id: string;
  name: string;
  scope: TokenScope;
  /** ISO 8601 in UTC. */
  createdAt: string;
  /** ISO 8601 in UTC, at most about a minute too early. Null if the token was never used. */
  lastUsedAt: string | null;
  /** ISO 8601 in UTC. Null if the token does not expire. */
  expiresAt: string | null;
}

export interface CreatedToken extends ApiToken {
  /** Starts with `hf_`. The server stores only a hash, so it cannot return the token again. */
  token: string;
}

export interface CreateTokenInput {
  /** 1 to 100 characters. */
  name: string;
  scope: TokenScope;
  /** 1 to 3,650. By default, the token does not expire. */
  expiresInDays?: number | undefined;
  /** The password of the account. Needed with `session: 'cookie'`, because another script in the page could use the cookie. */
  password?: string | undefined;
}

/** A second factor that the user has not confirmed yet. */
export interface TwoFactorSetup {
  /** `otpauth:` URL for an authenticator app, usually shown as a QR code. It contains the secret. */
  uri: string;
  /** The secret, for apps without a camera. */
  secret: string;
  /** Ten codes for a user who has lost the app. Each works once. The server cannot return them again. */
  backupCodes: string[];
}

export interface ProviderInput {
  provider: SignInProvider;
  /** Path of the page that calls `finishSignIn` after the sign-in, such as `/signed-in`. */
  returnTo: string;
  /** Path of the page after a sign-in that failed. The query parameter `error` then has a code. */
  failedAt: string;
}

/** Calls for the user's account. The client does not retry them. */
export interface AccountCalls {
  /** Returns what the server offers for accounts, also if no user is signed in. */
  info(options?: CallOptions): Promise<AccountInfo>;
  /**
   * Returns the URL of the provider's page on which the user signs in. Open it in the same window. Only with `session: 'cookie'`.
   */
  signInPage(input: ProviderInput, options?: CallOptions): Promise<string>;
  /**
   * Sends a mail with a link for a new password, which is valid for one hour. It also succeeds if no account has this email
   * address.
   */
  requestPasswordReset(input: { email: string }, options?: CallOptions): Promise<void>;
  /** Sets a new password with the `token` of a link. Ends all sessions of the user. */
  resetPassword(input: { token: string; password: string }, options?: CallOptions): Promise<void>;
  /** Changes the password. Ends all other sessions of the user. */
  changePassword(input: { current: string; next: string }, options?: CallOptions): Promise<void>;
  /** Creates a second factor. The sign-in needs it after `confirmTwoFactor`. */
  setUpTwoFactor(input: { password: string }, options?: CallOptions): Promise<TwoFactorSetup>;
  /** Turns the second factor on, with the first code of the user's app. Sessions and API tokens stay. */
  confirmTwoFactor(input: { code: string }, options?: CallOptions): Promise<void>;
  /** Turns the second factor off. */
  turnOffTwoFactor(input: { password?: string | undefined }, options?: CallOptions): Promise<void>;
  /** Replaces the backup codes. */
  newBackupCodes(input: { password: string }, options?: CallOptions): Promise<string[]>;
  /** Sends a mail to the new address. The address changes when the signed-in user calls `verifyEmail`. */
  changeEmail(input: { email: string; password?: string | undefined }, options?: CallOptions): Promise<void>;
  /** Sends the mail to the current address again. Does nothing if the user has confirmed it. */
  sendVerification(options?: CallOptions): Promise<void>;
  /**
   * Confirms an email address with the `token` of a link, and returns it. A change of the address fails with UNAUTHORIZED if
   * no user is signed in; sign in and call it again.
   */
  verifyEmail(input: { token: string }, options?: CallOptions): Promise<{ email: string }>;
  /** Returns the sessions of the user, the one with the latest use first, at most 100. */
  sessions(options?: CallOptions): Promise<ActiveSession[]>;
  /** Ends a session of the user. */
  endSession(input: { id: string }, options?: CallOptions): Promise<void>;
  /** Ends all sessions of the user except that of this client. */
  endOtherSessions(options?: CallOptions): Promise<void>;
  /** Returns the API tokens of the user, the newest first. Maintenance removes a token 30 days after it has expired. */
  tokens(options?: CallOptions): Promise<ApiToken[]>;
  /** Creates an API token. A user can have 50. */
  createToken(input: CreateTokenInput, options?: CallOptions): Promise<CreatedToken>;
  /** Ends an API token of the user. Other servers accept it for at most 60 seconds. */
  endToken(input: { id: string }, options?: CallOptions): Promise<void>;
}

export interface AccountOptions {
  send: SendAuth;
  loadSession: () => Promise<string | null>;
}
