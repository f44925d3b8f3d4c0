const firstPage = '/inbox';
const isAccountPage = (path: string) => /^\/(?:sign-in|signed-in|sign-up|forgot-password|reset-password)?$/.test(path);

/** The page to show after a sign-in. Only paths of this app are accepted, because anyone can write a link with `next`. */
export function toNextPage(next: string | null): string {
  if (next === null || !URL.canParse(next, location.origin)) return firstPage;
  const { origin, pathname, search } = new URL(next, location.origin);
  // A browser reads the path of `/.//evil.example` as another origin.
  const isOfApp = origin === location.origin && !pathname.startsWith('//');
  return isOfApp && !isAccountPage(pathname) ? pathname + search : firstPage;
}

/** The sign-in form, which leads back to the page. */
export function toSignIn(path: string): string {
  const { pathname, search } = new URL(location.origin + path);
  const isFirst = pathname === firstPage && search === '';
  return isFirst || isAccountPage(pathname) ? '/sign-in' : `/sign-in?next=${encodeURIComponent(pathname + search)}`;
}
