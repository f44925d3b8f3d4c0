import type { ErrorData, ValidationTree } from '@holdfast/api/client';
import { TRPCClientError } from '@trpc/client';
import { createDeadline, orAborted } from '../deadline.ts';
import { type ErrorCode, HoldfastError, isHoldfastError } from '../errors.ts';
import { type Network, offline } from '../network.ts';
import { type Fetch, isRefusal, toRetryAfterMs } from '../response.ts';
import { toHoldfastError } from '../to-error.ts';

/** The account of the signed-in user. */
export interface Account {
  /** UUID of the user. */
  id: string;
  /** Email address, in lower case. */
  email: string;
  /** Display name. */
  name: string;
}

export interface SignInInput {
  /** Email address of the account, at most 254 characters. */
  email: string;
  /** 8 to 128 characters. */
  password: string;
}

export interface ConfirmSignInInput {
  /** `challenge` of the error `TWO_FACTOR_REQUIRED`. */
  challenge: string;
  /** Six digits of the user's app, or a backup code. */
  code: string;
  /** True: this browser needs no code for 30 days. Only with `session: 'cookie'`. */
  isTrusted?: boolean | undefined;
}

export interface SignUpInput extends SignInInput {
  /** Display name: at most 200 characters, not all white space. */
  name: string;
}

/** The server's sign-in routes. The client does not retry them. */
export interface SignInRoutes {
  signUp(person: SignUpInput, signal?: AbortSignal): Promise<SignedIn>;
  signIn(credentials: SignInInput, signal?: AbortSignal): Promise<SignedIn>;
  signOut(session: string | null, signal?: AbortSignal): Promise<void>;
  fetchToken(session: string): Promise<string>;
  send: SendAuth;
  toSignedIn(response: SignInResponse): SignedIn;
}

/** What the server sends after a sign-in. */
export interface SignInResponse {
  token: string;
  user: Account;
}

/** The result of a sign-in or sign-up. */
export interface SignedIn {
  session: string;
  account: Account;
}

/** How requests carry the session. */
export interface SessionKind {
  /** Whether requests for sign-in send and receive cookies. */
  credentials: 'omit' | 'same-origin';
  /** The session of a response. */
  toSession(response: SignInResponse): string;
  toHeaders(session: string | null): Record<string, string>;
}

/** Sends a request to a route of the sign-in: POST if it has a body. */
export type SendAuth = (request: AuthRequest) => Promise<unknown>;

interface AuthRequest {
  path: string;
  body?: object;
  session?: string | null;
  signal?: AbortSignal | undefined;
}

export interface RouteOptions {
  /** URL of the server. */
  base: string;
  fetch: Fetch;
  deadlineMs: number;
  network: Network;
  kind: SessionKind;
}

/** Requests of a sign-in and sign-out. */
const usesCookie = /^(?:sign-|two-factor\/verify-|get-session$)/;

export function createSignInRoutes({ base, fetch, deadlineMs, network, kind }: RouteOptions): SignInRoutes {
  async function fetchJson({ path, body, session, signal }: AuthRequest & { signal: AbortSignal }): Promise<unknown> {
    const response = await fetch(`${base}/api/auth/${path}`, {
      method: body ? 'POST' : 'GET',
      headers: {
        ...(body && { 'content-type': 'application/json' }),
        ...kind.toHeaders(session ?? null),
      },
      // These change or read the cookie without knowing its user. Other requests send it only with the user to whom it must belong.
      ...(usesCookie.test(path) && { credentials: kind.credentials }),
      ...(body && { body: JSON.stringify(body) }),
      signal,
    });
    const content: unknown = await response.json();
    if (response.ok) return content;
    throw toSignInError(response, content as Refusal);
  }

  async function send(request: AuthRequest): Promise<unknown> {
    if (network.isOffline()) throw offline();
    const deadline = createDeadline(deadlineMs, request.signal);
    const isSent = !deadline.signal.aborted;
    try {
      return await orAborted(() => fetchJson({ ...request, signal: deadline.signal }), deadline.signal);
    } catch (error) {
      throw toHoldfastError(TRPCClientError.from(error as Error), { isRead: request.body === undefined, isSent });
    } finally {
      deadline.release();
    }
  }

  function toSignedIn(response: SignInResponse): SignedIn {
    const { id, email, name } = response.user;
    return { session: kind.toSession(response), account: { id, email, name } };
  }

  async function authenticate(path: string, body: object, signal: AbortSignal | undefined): Promise<SignedIn> {
    return toSignedIn((await send({ path, body, signal })) as SignInResponse);
  }

  return {
    signUp: (person, signal) => authenticate('sign-up/email', person, signal),
    signIn: (credentials, signal) => authenticate('sign-in/email', credentials, signal),
    async signOut(session, signal) {
      await send({ path: 'sign-out', body: {}, session, signal });
    },
    async fetchToken(session) {
      const { token } = (await send({ path: 'token', session })) as { token: string };
      return token;
    },
    send,
    toSignedIn,
  };
}

/** An error of the sign-in library, or `error` of the server if the request did not reach the library. */
interface Refusal {
  code?: string;
  message?: string;
  challenge?: string;
  error?: { message: string; data: ErrorData };
}

const codes: Record<string, ErrorCode> = {
  CONFIRMATION_REQUIRED: 'CONFIRMATION_REQUIRED',
  INVALID_BACKUP_CODE: 'INVALID_CODE',
  INVALID_CODE: 'INVALID_CODE',
  INVALID_EMAIL_OR_PASSWORD: 'INVALID_EMAIL_OR_PASSWORD',
  INVALID_EMAIL: 'INVALID_EMAIL',
  INVALID_PASSWORD: 'INVALID_PASSWORD',
  INVALID_TOKEN: 'INVALID_LINK',
  INVALID_TWO_FACTOR_COOKIE: 'SIGN_IN_EXPIRED',
  SIGN_IN_AGAIN: 'SIGN_IN_AGAIN',
  TOO_MANY_ATTEMPTS_REQUEST_NEW_CODE: 'SIGN_IN_EXPIRED',
  TWO_FACTOR_REQUIRED: 'TWO_FACTOR_REQUIRED',
  MAIL_OFF: 'MAIL_OFF',
  PASSWORD_TOO_SHORT: 'PASSWORD_TOO_SHORT',
  PASSWORD_TOO_LONG: 'PASSWORD_TOO_LONG',
  USER_ALREADY_EXISTS: 'USER_ALREADY_EXISTS',
  USER_ALREADY_EXISTS_USE_ANOTHER_EMAIL: 'USER_ALREADY_EXISTS',
};

const statusCodes: Record<number, ErrorCode> = {
  401: 'UNAUTHORIZED',
  403: 'FORBIDDEN',
  404: 'NOT_FOUND',
  429: 'TOO_MANY_REQUESTS',
  503: 'SERVICE_UNAVAILABLE',
};

/** For an invalid email address, the library's sign-in sends a code, but its sign-up only a message. */
function withCode(refusal: Refusal): Refusal {
  const isAboutEmail = refusal.code === 'VALIDATION_ERROR' && /^\[body\.(e|newE)mail\]/.test(refusal.message ?? '');
  return isAboutEmail ? { code: 'INVALID_EMAIL', message: 'Invalid email' } : refusal;
}

export const endedMessage = 'No session, or it has ended. Sign in again.';

/** True if the server itself said that the session has ended. A proxy in front of it can also respond with 401. */
export function isSessionEnded(error: unknown): boolean {
  return isHoldfastError(error, 'UNAUTHORIZED') && error.requestId !== null && error.message === endedMessage;
}

/** Messages for people, with the expected input. Those of the sign-in library name only the problem. */
const messages: Record<string, string> = {
  ACCOUNT_TEMPORARILY_LOCKED: 'Too many wrong codes. Try again in 15 minutes.',
  INVALID_CODE: 'The code is wrong or was used. Enter the next one.',
  INVALID_EMAIL: 'Invalid email address. Use one such as ada@example.com.',
  INVALID_LINK: 'The link is used, has expired or is not valid. Request another one.',
  INVALID_PASSWORD: 'The password is wrong. Enter your current password.',
  INVALID_ORIGIN: 'Origin not allowed. Add it to TRUSTED_ORIGINS of the server.',
  PASSWORD_TOO_LONG: 'The password is too long. Use 8 to 128 characters.',
  PASSWORD_TOO_SHORT: 'The password is too short. Use 8 to 128 characters.',
  SIGN_IN_EXPIRED: 'The sign-in has expired. Enter the password again.',
  TWO_FACTOR_REQUIRED: 'The account needs a code. Enter that of your app.',
  USER_ALREADY_EXISTS: 'This email address has an account. Sign in instead.',
};

/** The tree of a message such as `name: must not be blank`. */
function toValidation(code: string, text: string | undefined): ValidationTree | null {
  const [, field, problem] = /^([a-z]+): (.+)$/.exec(text ?? '') ?? [];
  if (code !== 'INVALID_FIELD' || field === undefined) return null;
  return { errors: [], properties: { [field]: { errors: [problem!] } } };
}

function toSignInError({ status, headers }: Response, refusal: Refusal): HoldfastError {
  const { code = '', message, error } = withCode(refusal);
  const isEnded = status === 401 && (code === 'UNAUTHORIZED' || error?.data.code === 'UNAUTHORIZED');
  const text = isEnded ? endedMessage : (messages[codes[code] ?? code] ?? error?.message ?? message);
  return new HoldfastError({
    code:
      error?.data.code ??
      codes[code] ??
      statusCodes[status] ??
      (status < 500 ? 'BAD_REQUEST' : 'INTERNAL_SERVER_ERROR'),
    message: text ?? `The server responded with ${status}.`,
    isRetryable: isRefusal(status) || error?.data.isRetryable === true,
    requestId: headers.get('x-request-id'),
    challenge: refusal.challenge,
    retryAfterMs: error?.data.retryAfterMs ?? toRetryAfterMs(headers),
    validation: error?.data.validation ?? toValidation(code, message),
  });
}
