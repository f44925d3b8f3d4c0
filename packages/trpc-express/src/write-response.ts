import type { Response } from 'express';
import { standardHeaders } from './response-head.ts';
import type { HttpResponse } from './response.ts';

/** Writes the response. If the client has disconnected, Node writes nothing. */
export function writeResponse(res: Response, { status, headers, body }: HttpResponse): void {
  // As in tRPC, a status that another middleware has set takes precedence.
  if (res.statusCode === 200) res.statusCode = status;
  for (const [name, value] of headers ?? standardHeaders) {
    if (name !== 'set-cookie') res.setHeader(name, value);
  }
  const cookies = headers?.getSetCookie() ?? [];
  if (cookies.length > 0) res.setHeader('set-cookie', cookies);
  if (typeof body !== 'string') return writeParts(res, body);
  // If every character is one byte, Node does not need to encode the body as UTF-8. Else, a buffer is encoded faster than a
  // response.
  if (Buffer.byteLength(body) === body.length) res.end(body, 'latin1');
  else res.end(Buffer.from(body));
}

/** A known length, so that clients see whether the body is complete. */
function writeParts(res: Response, parts: Buffer[]): void {
  res.setHeader(
    'content-length',
    parts.reduce((length, part) => length + part.length, 0),
  );
  for (const part of parts) res.write(part);
  res.end();
}
