import { TRPCClientError } from '@trpc/client';
import { type Fetch, isRefusal, toRetryAfterMs } from './answer.ts';
import { createDeadline, orAborted } from './ending.ts';
import { type ErrorCode, Failure, type FailureDetails } from './errors.ts';
import { toFailure } from './to-failure.ts';

/** Whoever has signed in. */
export interface Account {
  id: string;
  email: string;
  name: string;
}

/** The server's sign-in routes. Nothing here is repeated by itself. */
export interface SignInRoutes {
  signUp(person: { name: string; email: string; password: string }, signal?: AbortSignal): Promise<SignedIn>;
  signIn(credentials: { email: string; password: string }, signal?: AbortSignal): Promise<SignedIn>;
  signOut(session: string, signal?: AbortSignal): Promise<void>;
  fetchToken(session: string): Promise<string>;
}

interface SignedIn {
  session: string;
  account: Account;
}

interface Question {
  path: string;
  body?: object;
  session?: string;
  signal?: AbortSignal | undefined;
}

export interface RouteOptions {
  /** The server's URL. */
  base: string;
  fetch: Fetch;
  deadlineMs: number;
}

export function createSignInRoutes({ base, fetch, deadlineMs }: RouteOptions): SignInRoutes {
  async function exchange({ path, body, session, signal }: Question & { signal: AbortSignal }): Promise<unknown> {
    const response = await fetch(`${base}/api/auth/${path}`, {
      method: body ? 'POST' : 'GET',
      headers: {
        ...(body && { 'content-type': 'application/json' }),
        ...(session !== undefined && { authorization: `Bearer ${session}` }),
      },
      ...(body && { body: JSON.stringify(body) }),
      signal,
    });
    const answer: unknown = await response.json();
    if (response.ok) return answer;
    throw toRefusal(response, answer as Refusal);
  }

  async function ask(question: Question): Promise<unknown> {
    const ending = createDeadline(deadlineMs, question.signal);
    const isSent = !ending.signal.aborted;
    try {
      return await orAborted(() => exchange({ ...question, signal: ending.signal }), ending.signal);
    } catch (error) {
      throw toFailure(TRPCClientError.from(error as Error), { isRead: question.body === undefined, isSent });
    } finally {
      ending.release();
    }
  }

  async function enter(path: string, body: object, signal: AbortSignal | undefined): Promise<SignedIn> {
    const { token, user } = (await ask({ path, body, signal })) as { token: string; user: Account };
    return { session: token, account: { id: user.id, email: user.email, name: user.name } };
  }

  return {
    signUp: (person, signal) => enter('sign-up/email', person, signal),
    signIn: (credentials, signal) => enter('sign-in/email', credentials, signal),
    async signOut(session, signal) {
      await ask({ path: 'sign-out', body: {}, session, signal });
    },
    async fetchToken(session) {
      const { token } = (await ask({ path: 'token', session })) as { token: string };
      return token;
    },
  };
}

/** The sign-in library's own words, or the server's where the library was not asked. */
interface Refusal {
  code?: string;
  message?: string;
  error?: { message: string; data: FailureDetails };
}

const codes: Record<string, ErrorCode> = {
  INVALID_EMAIL_OR_PASSWORD: 'INVALID_EMAIL_OR_PASSWORD',
  INVALID_EMAIL: 'INVALID_EMAIL',
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

/** Of an address that is none, the library's sign-up tells in a message only, and its sign-in in a code. */
function withCode(refusal: Refusal): Refusal {
  const isAboutEmail = refusal.code === 'VALIDATION_ERROR' && refusal.message?.startsWith('[body.email]') === true;
  return isAboutEmail ? { code: 'INVALID_EMAIL', message: 'Invalid email' } : refusal;
}

function toRefusal({ status, headers }: Response, refusal: Refusal): Failure {
  const { code = '', message, error } = withCode(refusal);
  const isOver = status === 401 && !(code in codes);
  const told = isOver ? 'The session has ended, or there is none: sign in again.' : (error?.message ?? message);
  return new Failure({
    code:
      error?.data.code ??
      codes[code] ??
      statusCodes[status] ??
      (status < 500 ? 'BAD_REQUEST' : 'INTERNAL_SERVER_ERROR'),
    message: told ?? `The server answered with ${status}.`,
    isRetryable: isRefusal(status) || error?.data.isRetryable === true,
    requestId: headers.get('x-request-id'),
    retryAfterMs: error?.data.retryAfterMs ?? toRetryAfterMs(headers),
  });
}
