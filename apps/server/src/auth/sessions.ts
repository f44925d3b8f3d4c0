import type { Caller } from '@holdfast/api';
import { callSignIn } from './sign-in-failure.ts';
import type { SignIn } from './sign-in.ts';

interface FoundSession {
  /** Null if the credential belongs to no session. */
  caller: Caller | null;
  /** `Set-Cookie` values that renew or remove the session in the browser. */
  cookies: string[];
}

/** Sessions of the built-in sign-in. */
export interface Sessions {
  /** Whether a `Cookie` header contains a session cookie. */
  hasSessionCookie(cookie: string): Promise<boolean>;
  /** @throws DatabaseUnavailableError if the session cannot be read. */
  find(credential: { cookie: string } | { authorization: string }): Promise<FoundSession>;
}

export function createSessions(signIn: SignIn): Sessions {
  return {
    async hasSessionCookie(cookie) {
      const { authCookies } = await signIn.$context;
      return cookie.split(';').some((part) => part.trimStart().startsWith(`${authCookies.sessionToken.name}=`));
    },
    async find(credential) {
      // Only this credential: if the token is wrong, the library would accept the cookie instead.
      const request = { headers: new Headers({ ...credential }), returnHeaders: true } as const;
      const { headers, response } = await callSignIn(() => signIn.api.getSession(request));
      const user = response?.user;
      const caller = user ? { userId: user.id, profile: { email: user.email, name: user.name } } : null;
      return { caller, cookies: headers.getSetCookie() };
    },
  };
}
