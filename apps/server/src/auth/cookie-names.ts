/**
 * With this prefix, browsers accept a cookie only from this host itself, for all its paths and over https. Without it, a page of
 * a neighboring subdomain could sign visitors in to an account of its own.
 */
const hostPrefix = '__Host-holdfast';

/** The names of cookies. */
export interface CookieNames {
  /** Of all cookies with the path `/`. */
  prefix: string;
  /** Of the marks of a browser, which have a longer path. */
  browser: string;
  /** Of the marks of earlier versions, which only the sign-in by password received. */
  device: string;
}

export const toCookieNames = (isSecure: boolean): CookieNames =>
  isSecure
    ? { prefix: hostPrefix, browser: '__Secure-holdfast.browser', device: '__Secure-holdfast.device' }
    : { prefix: 'holdfast', browser: 'holdfast.browser', device: 'holdfast.device' };

/** Earlier versions set this cookie over https. It lives as long as its session, without a use. */
const formerName = '__Secure-holdfast.session_token=';
const name = `${hostPrefix}.session_token=`;

/** Cookies in which the library could store a whole session. This server sets none, and the library answers each part with a removal. */
const sessionData = '.session_data';

/** A cookie of this server. */
const ownCookie = /(?:^|;)\s*((?:__(?:Host|Secure)-)?holdfast\.[^;]*)/g;

/** Own cookies that count. A browser has about five. The library takes long for each whose value it cannot decode. */
const cookiesMax = 20;

/** Characters of all own cookies together that count. Those of a browser have some hundreds. */
const charactersMax = 4096;

/** A `Cookie` header as the library reads it, without foreign cookies. A session cookie of an earlier version has its present name. */
export function toLibraryCookie(cookie: string): string {
  const present = cookie.includes(formerName) && !cookie.includes(name) ? cookie.replaceAll(formerName, name) : cookie;
  const cookies: string[] = [];
  let characters = 0;
  for (const [, own] of present.matchAll(ownCookie)) {
    if (own!.includes(sessionData)) continue;
    characters += own!.length;
    if (cookies.length === cookiesMax || characters > charactersMax) break;
    cookies.push(own!);
  }
  return cookies.join('; ');
}

/** The `Set-Cookie` values of a response, which also remove the cookie of an earlier version if there is a new one. */
export function withoutFormer(setCookies: string[], cookie: string | undefined): string[] {
  if (!cookie?.includes(formerName) || !setCookies.some((value) => value.startsWith(name))) return setCookies;
  return [...setCookies, `${formerName}; Max-Age=0; Path=/; HttpOnly; Secure; SameSite=Lax`];
}
