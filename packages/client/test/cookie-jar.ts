import { type ClientOptions, createClient, type HoldfastWithSignIn } from '@holdfast/client';
import { createStorage, type Proxy } from './fixture.ts';

/** A browser profile: what all tabs of a page share, and the requests that they sent. */
export interface Profile {
  storage: ReturnType<typeof createStorage>;
  cookies: Map<string, string>;
  /** The headers of each request. */
  sent: Headers[];
  /** A new tab. It notices other tabs only through the storage and the server. */
  openTab(options?: Partial<ClientOptions>): HoldfastWithSignIn;
}

/** Opens a profile without cookies. */
export function openProfile(proxy: Proxy): Profile {
  const profile: Profile = {
    storage: createStorage(),
    cookies: new Map(),
    sent: [],
    openTab: (options) =>
      createClient({ url: proxy.url, session: 'cookie', storage: profile.storage, fetch: fetchInPage, ...options }),
  };

  const fetchInPage = createPageFetch({ ...profile, origin: proxy.target });
  return profile;
}

export interface PageOptions extends Pick<Profile, 'cookies' | 'sent'> {
  /** Origin of the page. Absent for programs outside browsers. */
  origin?: string | undefined;
  userAgent?: string;
}

/** A `fetch` as in a browser: cookies are sent and stored only with `credentials: 'same-origin'`. */
export function createPageFetch({ cookies, sent, origin, userAgent }: PageOptions): typeof fetch {
  return async (input, init) => {
    const headers = new Headers(init!.headers);
    const hasCookies = init!.credentials === 'same-origin';
    if (hasCookies && cookies.size > 0) {
      headers.set('cookie', Array.from(cookies, (pair) => pair.join('=')).join('; '));
    }
    if (origin !== undefined && init!.method === 'POST') headers.set('origin', origin);
    if (userAgent !== undefined) headers.set('user-agent', userAgent);
    sent.push(headers);
    const response = await fetch(input, { ...init, headers });
    for (const line of hasCookies ? response.headers.getSetCookie() : []) {
      // The mark of a known browser, which is only for the path of the sign-in.
      if (!/; path=\/;/i.test(line)) continue;
      const [, name, value] = /^([^=]+)=([^;]*)/.exec(line) as unknown as [string, string, string];
      if (/max-age=0/i.test(line)) cookies.delete(name);
      else cookies.set(name, value);
    }
    return response;
  };
}
