import type { Response } from 'express';
import type { Answer } from './answer.ts';
import { standardHeaders } from './head.ts';

/** Writes the answer; to a client that has gone Node writes nothing. */
export function writeResponse(res: Response, { status, headers, body }: Answer): void {
  // A middleware that has set another status keeps it.
  if (res.statusCode === 200) res.statusCode = status;
  for (const [name, value] of headers ?? standardHeaders) {
    if (name !== 'set-cookie') res.setHeader(name, value);
  }
  const cookies = headers?.getSetCookie() ?? [];
  if (cookies.length > 0) res.setHeader('set-cookie', cookies);
  // Where every character is one byte, Node need not look at each of them again.
  res.end(body, Buffer.byteLength(body) === body.length ? 'latin1' : 'utf8');
}
