import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { brotliCompressSync, constants, gzipSync } from 'node:zlib';
import type { RequestHandler } from 'express';

/** The description of the API. `pnpm openapi` writes it. */
const path = new URL('../openapi/openapi.json', import.meta.url);

interface Description {
  etag: string;
  identity: Buffer;
  br: Buffer;
  gzip: Buffer;
}

function read(): Description {
  // Much smaller without the spaces, which are for reviews.
  const identity = Buffer.from(JSON.stringify(JSON.parse(readFileSync(path, 'utf8'))));
  const etag = createHash('sha256').update(identity).digest('base64url').slice(0, 22);
  const br = brotliCompressSync(identity, { params: { [constants.BROTLI_PARAM_QUALITY]: 5 } });
  return { etag, identity, br, gzip: gzipSync(identity) };
}

/** `GET /openapi.json`: the description of the API, which every page and tool may read. */
export function createOpenApiRoute(): RequestHandler {
  let description: Description | undefined;
  return (req, res) => {
    description ??= read();
    const encoding = (['br', 'gzip'] as const).find((name) => req.acceptsEncodings(name));
    if (encoding) res.setHeader('content-encoding', encoding);
    res.vary('accept-encoding');
    if (!res.hasHeader('access-control-allow-origin')) res.setHeader('access-control-allow-origin', '*');
    res.setHeader('cache-control', 'no-cache');
    res.setHeader('etag', `"${description.etag}${encoding ? `-${encoding}` : ''}"`);
    res.type('json').send(description[encoding ?? 'identity']);
  };
}
