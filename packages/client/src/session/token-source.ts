import { HoldfastError } from '../errors.ts';
import { assertToken } from './token-text.ts';

/** Provides the tokens of calls. */
export interface TokenSource {
  /** Changes with each sign-in and sign-out, so that a call of one user is never sent as another user. */
  generation(): number;
  /**
   * The token to send. Null if no user is signed in.
   *
   * @throws HoldfastError
   */
  get(): Promise<string | null>;
  /** Like `get`, but without a request, for a page that is left. It may return a session instead of a token. */
  available(): Promise<string | null>;
  /** The headers of a request with this token. */
  toHeaders(token: string | null): Record<string, string>;
  /** Reports that the server refused this token. Returns true if the next `get` can return another one. */
  refuse(token: string, error: HoldfastError): boolean;
}

export const toBearer = (token: string | null): Record<string, string> =>
  token === null ? {} : { authorization: `Bearer ${token}` };

/** Returns a token of another issuer. `refused` is the token that the server refused, if that caused the call. */
export type GetToken = (circumstances: { refused: string | null }) => Promise<string | null> | string | null;

/** Tokens from the app's own function. The app, or its library, decides how long to use each one. */
export function createCallbackTokens(getToken: GetToken): TokenSource {
  let refused: string | null = null;
  let latest: string | null = null;
  let pending: Promise<string | null> | undefined;

  async function callApp(): Promise<string | null> {
    try {
      return (await getToken({ refused })) ?? null;
    } catch (cause) {
      const message = 'getToken() of the app failed. See `cause`.';
      throw new HoldfastError({ code: 'CALLBACK_FAILED', message, isRetryable: true, cause });
    }
  }

  async function request(): Promise<string | null> {
    const token = await callApp();
    if (token !== null) assertToken(token, 'getToken()');
    latest = token;
    if (latest !== refused) refused = null;
    return latest;
  }

  function get(): Promise<string | null> {
    if (pending !== undefined) return pending;
    const current = request().finally(() => {
      if (pending === current) pending = undefined;
    });
    return (pending = current);
  }

  return {
    generation: () => 0,
    get,
    // Only the app knows the current user.
    available: get,
    toHeaders: toBearer,
    refuse(token) {
      // If several calls sent the token, only the first refusal counts.
      if (token !== latest || token === refused) return true;
      refused = token;
      // A pending request started without this refusal.
      pending = undefined;
      return true;
    },
  };
}
