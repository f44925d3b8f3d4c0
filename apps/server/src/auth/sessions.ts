import { withoutFormer, toLibraryCookie } from './cookie-names.ts';
import { createCredentialCache } from './credential-cache.ts';
import type { RequestCredential } from './ended-access.ts';
import { callSignIn } from './sign-in-failure.ts';
import type { SignIn } from './sign-in.ts';

interface FoundSession {
  /** Null if the token or cookie belongs to no session. */
  credential: RequestCredential | null;
  /** `Set-Cookie` values that renew or remove the session in the browser. */
  cookies: string[];
}

/** Sessions of the built-in sign-in, for requests that send a session token or cookie instead of an API token. */
export interface Sessions {
  /** Whether a `Cookie` header contains a session cookie. */
  hasSessionCookie(cookie: string): Promise<boolean>;
  /** The session of a `Cookie` header, if it was looked up in the last minute. It may have ended since. */
  findCached(cookie: string): RequestCredential | undefined;
  /** The next call with this `Cookie` header looks its session up. */
  forget(cookie: string): void;
  /**
   * Looks up the session of a request, and returns its user.
   *
   * @throws DatabaseUnavailableError if the session cannot be read.
   */
  find(headers: { cookie: string } | { authorization: string }): Promise<FoundSession>;
}

/** By the token of the session: the signature can be encoded in many ways, and one user could fill the cache with them. */
export const toSessionToken = (cookie: string) => cookie.split('.', 1)[0]!;

export function createSessions(signIn: SignIn): Sessions {
  const cache = createCredentialCache({ toKey: toSessionToken });
  /** Undefined until the library has started. */
  let prefix: string | undefined;
  const ready = signIn.$context.then(({ authCookies }) => void (prefix = `${authCookies.sessionToken.name}=`));
  // `hasSessionCookie` throws the error.
  ready.catch(() => {});

  /** The values of the session cookies. Browsers send several if pages of parent domains or other paths have set some. */
  function readValues(cookie: string): string[] {
    const parts =
      prefix === undefined
        ? []
        : toLibraryCookie(cookie)
            .split(';')
            .map((part) => part.trim());
    return parts.filter((part) => part.startsWith(prefix!)).map((part) => part.slice(prefix!.length));
  }

  /** Undefined if there are several, since the library decides which one counts. */
  function readValue(cookie: string): string | undefined {
    const values = readValues(cookie);
    return values.length === 1 ? values[0] : undefined;
  }

  return {
    async hasSessionCookie(cookie) {
      await ready;
      return readValues(cookie).length > 0;
    },
    findCached(cookie) {
      const value = readValue(cookie);
      return value === undefined ? undefined : cache.get(value);
    },
    forget(cookie) {
      const value = readValue(cookie);
      if (value !== undefined) cache.delete(value);
    },
    async find(given) {
      const startedAt = Date.now();
      // Only this credential: if the token is wrong, the library would accept the cookie instead.
      const cookie = 'cookie' in given ? given.cookie : undefined;
      const sent = cookie === undefined ? given : { cookie: toLibraryCookie(cookie) };
      const request = { headers: new Headers({ ...sent }), returnHeaders: true } as const;
      const { headers, response } = await callSignIn(() => signIn.api.getSession(request));
      const cookies = withoutFormer(headers.getSetCookie(), cookie);
      if (!response) return { credential: null, cookies };
      const { user, session } = response;
      const caller = { userId: user.id, profile: { email: user.email, name: user.name } };
      const expiresAt = session.expiresAt.getTime();
      const found = { caller, streamSessionId: session.id, expiresAt };
      const value = cookie === undefined ? undefined : readValue(cookie);
      if (value?.startsWith(`${session.token}.`)) {
        cache.set(value, { ...found, sessionId: session.id, issuedAt: startedAt });
      }
      // The session was read just now, so it has not ended, although the user may have been erased.
      return { credential: { ...found, sessionId: null, issuedAt: session.createdAt.getTime() }, cookies };
    },
  };
}
