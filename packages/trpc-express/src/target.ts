import { createURL } from '@trpc/server/adapters/node-http';
import type { Request } from 'express';

/** A path and query in which a URL's parser finds nothing to change, no host and no fragment. */
const plain = /^\/(?![/\\])[!"$-~]*$/;

/** The last host that made a URL without a user in it: nearly every request names the same. */
let knownHost: string | undefined;

/** Where a request is directed. Its URL is only made where something depends on it: that costs several microseconds. */
export class Target {
  /** With its escapes. */
  readonly path: string;
  readonly query: URLSearchParams;
  readonly #source: Pick<Request, 'headers' | 'socket' | 'url'>;
  #url: URL | undefined;

  /** @throws TRPCError BAD_REQUEST where it makes no URL. */
  constructor(req: Request) {
    const { headers, socket, url } = req;
    this.#source = { headers, socket, url };
    const isPlain = plain.test(url);
    if (isPlain && headers.host === knownHost) {
      const at = url.indexOf('?');
      this.path = at === -1 ? url : url.slice(0, at);
      this.query = new URLSearchParams(at === -1 ? '' : url.slice(at + 1));
    } else {
      this.path = req.path;
      this.query = this.url.searchParams;
      if (isPlain && !this.hasUser) knownHost = headers.host;
    }
  }

  get url(): URL {
    return (this.#url ??= createURL(this.#source as Request));
  }

  /** Whether it names a user or a password, which fetch refuses. */
  get hasUser(): boolean {
    return this.#url !== undefined && (this.#url.username !== '' || this.#url.password !== '');
  }
}
