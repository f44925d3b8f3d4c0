import type { Caller } from '@holdfast/api';
import { monitorSignIn } from './sign-in-failure.ts';
import type { SignIn } from './sign-in.ts';

/** Who a session belongs to, null where it is none, and the cookies that renew or remove it in the browser. */
interface FoundSession {
  caller: Caller | null;
  cookies: string[];
}

/** Sessions of the built-in sign-in. */
export interface Sessions {
  /** Whether a Cookie header claims a session. */
  isClaimedBy(cookie: string): Promise<boolean>;
  /** @throws DatabaseUnavailableError when it cannot be looked up. */
  find(credential: { cookie: string } | { authorization: string }): Promise<FoundSession>;
}

export function createSessions(signIn: SignIn): Sessions {
  return {
    async isClaimedBy(cookie) {
      const { authCookies } = await signIn.$context;
      return cookie.split(';').some((part) => part.trimStart().startsWith(`${authCookies.sessionToken.name}=`));
    },
    async find(credential) {
      // Nothing else of the request goes along: the library would take the cookie where the token is wrong.
      const request = { headers: new Headers({ ...credential }), returnHeaders: true } as const;
      const { headers, response } = await monitorSignIn(() => signIn.api.getSession(request));
      const user = response?.user;
      const caller = user ? { userId: user.id, profile: { email: user.email, name: user.name } } : null;
      return { caller, cookies: headers.getSetCookie() };
    },
  };
}
