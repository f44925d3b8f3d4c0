import { createURL } from '@trpc/server/adapters/node-http';
import type { Request } from 'express';

/** A path and query, without a host and fragment, that a URL parser would not change. */
const normalized = /^\/(?![/\\])[!"$-~]*$/;

/** The last `host` header that resulted in a URL without a user: almost every request has the same one. */
let knownHost: string | undefined;

/** The target of a request (RFC 9112). It parses the URL only when a caller needs it, because that takes several microseconds. */
export class RequestTarget {
  /** Percent-encoded. */
  readonly path: string;
  readonly query: URLSearchParams;
  readonly #source: Pick<Request, 'headers' | 'socket' | 'url'>;
  #url: URL | undefined;

  /** @throws TRPCError BAD_REQUEST if the request has no valid URL. */
  constructor(req: Request) {
    const { headers, socket, url } = req;
    this.#source = { headers, socket, url };
    const isNormalized = normalized.test(url);
    if (isNormalized && headers.host === knownHost) {
      const at = url.indexOf('?');
      this.path = at === -1 ? url : url.slice(0, at);
      this.query = new URLSearchParams(at === -1 ? '' : url.slice(at));
    } else {
      this.path = req.path;
      this.query = this.url.searchParams;
      if (isNormalized && !this.hasUser) knownHost = headers.host;
    }
  }

  /** Percent-encoded. */
  get lastSegment(): string {
    return this.path.slice(this.path.lastIndexOf('/') + 1);
  }

  get url(): URL {
    return (this.#url ??= createURL(this.#source as Request));
  }

  /** Whether the URL contains a user or a password, which fetch refuses. */
  get hasUser(): boolean {
    return this.#url !== undefined && (this.#url.username !== '' || this.#url.password !== '');
  }
}
