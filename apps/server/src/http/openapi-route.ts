import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { brotliCompressSync, constants } from 'node:zlib';
import type { RequestHandler } from 'express';

/** The description of the API. `pnpm openapi` writes it. */
const path = new URL('../openapi/openapi.json', import.meta.url);

interface Description {
  etag: string;
  text: Buffer;
  br: Buffer;
}

function read(): Description {
  // Much smaller without the spaces, which are for reviews.
  const text = Buffer.from(JSON.stringify(JSON.parse(readFileSync(path, 'utf8'))));
  const br = brotliCompressSync(text, { params: { [constants.BROTLI_PARAM_QUALITY]: 5 } });
  return { etag: createHash('sha256').update(text).digest('base64url').slice(0, 22), text, br };
}

/** `GET /openapi.json`: the description of the API, which every page and tool may read. */
export function createOpenApiRoute(): RequestHandler {
  let description: Description | undefined;
  return (req, res) => {
    const { etag, text, br } = (description ??= read());
    const isCompressed = req.acceptsEncodings('br') === 'br';
    if (isCompressed) res.setHeader('content-encoding', 'br');
    res.vary('accept-encoding');
    if (!res.hasHeader('access-control-allow-origin')) res.setHeader('access-control-allow-origin', '*');
    res.setHeader('cache-control', 'no-cache');
    res.setHeader('etag', `"${etag}${isCompressed ? '-br' : ''}"`);
    res.type('json').send(isCompressed ? br : text);
  };
}
