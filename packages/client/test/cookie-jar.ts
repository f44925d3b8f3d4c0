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

/** As browsers do: cookies are sent and stored only with `credentials: 'same-origin'`. */
export function openProfile(proxy: Proxy): Profile {
  const profile: Profile = {
    storage: createStorage(),
    cookies: new Map(),
    sent: [],
    openTab: (options) =>
      createClient({ url: proxy.url, session: 'cookie', storage: profile.storage, fetch: fetchInPage, ...options }),
  };

  async function fetchInPage(...[input, init]: Parameters<typeof fetch>): Promise<Response> {
    const headers = new Headers(init!.headers);
    const hasCookies = init!.credentials === 'same-origin';
    if (hasCookies && profile.cookies.size > 0) {
      headers.set('cookie', Array.from(profile.cookies, (pair) => pair.join('=')).join('; '));
    }
    if (init!.method === 'POST') headers.set('origin', proxy.target);
    profile.sent.push(headers);
    const response = await fetch(input, { ...init, headers });
    for (const line of hasCookies ? response.headers.getSetCookie() : []) {
      const [, name, value] = /^([^=]+)=([^;]*)/.exec(line) as unknown as [string, string, string];
      if (/max-age=0/i.test(line)) profile.cookies.delete(name);
      else profile.cookies.set(name, value);
    }
    return response;
  }

  return profile;
}
