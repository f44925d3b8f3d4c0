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
  /**
   * Looks up the session of a request, and returns its user.
   *
   * @throws DatabaseUnavailableError if the session cannot be read.
   */
  find(headers: { cookie: string } | { authorization: string }): Promise<FoundSession>;
}

export function createSessions(signIn: SignIn): Sessions {
  return {
    async hasSessionCookie(cookie) {
      const { authCookies } = await signIn.$context;
      return cookie.split(';').some((part) => part.trimStart().startsWith(`${authCookies.sessionToken.name}=`));
    },
    async find(given) {
      // Only this credential: if the token is wrong, the library would accept the cookie instead.
      const request = { headers: new Headers({ ...given }), returnHeaders: true } as const;
      const { headers, response } = await callSignIn(() => signIn.api.getSession(request));
      const cookies = headers.getSetCookie();
      if (!response) return { credential: null, cookies };
      const { user, session } = response;
      const caller = { userId: user.id, profile: { email: user.email, name: user.name } };
      // The session was read just now, so it has not ended, although the user may have been erased.
      const times = { issuedAt: session.createdAt.getTime(), expiresAt: session.expiresAt.getTime() };
      return { credential: { caller, sessionId: null, streamSessionId: session.id, ...times }, cookies };
    },
  };
}
