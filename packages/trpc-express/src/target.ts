import { createURL } from '@trpc/server/adapters/node-http';
import type { Request } from 'express';

/** Where a request is directed. */
export interface Target {
  readonly query: URLSearchParams;
  readonly url: URL;
}

/** A path and query in which a URL's parser finds nothing to change, no host and no fragment. */
const plain = /^\/(?![/\\])[!"$-~]*$/;

/** The last host that made a URL without a user in it: nearly every request names the same. */
let knownHost: string | undefined;

/**
 * Where a request is directed, null where fetch would refuse it: with a user or a password. The whole URL is only made
 * where something depends on it, since that costs a call several microseconds.
 *
 * @throws TRPCError BAD_REQUEST where it makes no URL.
 */
export function findTarget({ headers, socket, url }: Request): Target | null {
  const toURL = () => createURL({ headers, socket, url } as Request);
  const isPlain = plain.test(url);
  if (!isPlain || headers.host !== knownHost) {
    const whole = toURL();
    if (whole.username || whole.password) return null;
    if (!isPlain) return { query: whole.searchParams, url: whole };
    knownHost = headers.host;
  }
  const at = url.indexOf('?');
  let whole: URL | undefined;
  return {
    query: new URLSearchParams(at === -1 ? '' : url.slice(at + 1)),
    get url() {
      return (whole ??= toURL());
    },
  };
}
