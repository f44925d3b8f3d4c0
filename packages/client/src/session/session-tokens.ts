import { isHoldfastError } from '../errors.ts';
import { readClaims } from './claims.ts';
import type { SessionStorage } from './session-storage.ts';
import { isSessionEnded, type SessionKind } from './sign-in.ts';
import { createStoredSession, type StoredSession } from './stored-session.ts';
import { toBearer, type TokenSource } from './token-source.ts';
import { assertToken } from './token-text.ts';

/** Tokens of the signed-in user. */
export type SessionTokens = TokenSource & Omit<StoredSession, 'end'>;

/** The client stores the session itself, and requests tokens with it. */
export const storedSessions: SessionKind = {
  credentials: 'omit',
  toSession: ({ token }) => token,
  toHeaders: toBearer,
};

interface Token {
  text: string;
  /** Time by the clock of this machine. It can differ from the server's clock. */
  receivedAt: number;
  lifeMs: number;
}

export interface SessionOptions {
  storage?: SessionStorage | undefined;
  /** Requests a token from the server. @throws HoldfastError */
  fetchToken: (session: string) => Promise<string>;
}

/** A token is renewed after this share of its life. */
const freshShare = 0.9;

export function createSessionTokens({ storage, fetchToken }: SessionOptions): SessionTokens {
  let token: Token | undefined;
  let refreshing: Promise<string> | undefined;
  const { end, ...stored } = createStoredSession(storage, () => (token = refreshing = undefined));
  const { generation, load } = stored;

  function refresh(session: string): Promise<string> {
    if (refreshing) return refreshing;
    const startedIn = generation();
    const current = fetchToken(session)
      .then((text) => {
        assertToken(text, 'The server');
        if (startedIn === generation()) token = { text, receivedAt: Date.now(), lifeMs: toLifeMs(text) };
        return text;
      })
      .finally(() => {
        if (refreshing === current) refreshing = undefined;
      });
    return (refreshing = current);
  }

  return {
    ...stored,
    async get() {
      const startedIn = generation();
      const current = await load();
      // A user who signed in during the load must not get a token of the loaded session.
      if (current === null || startedIn !== generation()) return null;
      if (token && isWithin(token, freshShare)) return token.text;
      try {
        return await refresh(current);
      } catch (error) {
        if (isSessionEnded(error) && startedIn === generation()) await end(current);
        // If the server cannot issue a token now, the old one is used until it expires.
        else if (!isHoldfastError(error, 'UNAUTHORIZED') && token && isWithin(token, 1)) return token.text;
        throw error;
      }
    },
    async available() {
      const startedIn = generation();
      const current = await load();
      if (current === null || startedIn !== generation()) return null;
      // The server also accepts the session itself.
      return token && isWithin(token, 1) ? token.text : current;
    },
    toHeaders: toBearer,
    refuse(text) {
      if (token?.text === text) token = undefined;
      return true;
    },
  };
}

/** False if the clock was set back, because the token's age is then unknown. */
function isWithin({ receivedAt, lifeMs }: Token, share: number): boolean {
  const age = Date.now() - receivedAt;
  return age >= 0 && age < lifeMs * share;
}

/** Lifetime of a token in milliseconds. Both times are from the server's clock, so no clock must be correct. */
function toLifeMs(token: string): number {
  const { exp, iat } = readClaims(token) ?? {};
  return (Number(exp) - Number(iat)) * 1000 || 0;
}
