import type { IncomingMessage } from 'node:http';
import { TRPCError } from '@trpc/server';

/**
 * Reads the body from now on, whether or not anybody asks for it. A client that leaves half way leaves the promise
 * pending for ever, as in tRPC: its procedures then never run, and the collector takes them.
 *
 * @param maxSize In bytes; none without it, or when it is 0.
 * @throws TRPCError PAYLOAD_TOO_LARGE
 */
export function readBody(req: IncomingMessage, maxSize: number | undefined): Promise<Buffer> {
  const body = new Promise<Buffer>((resolve, reject) => {
    const chunks: Buffer[] = [];
    let size = 0;
    function onData(chunk: Buffer): void {
      size += chunk.length;
      if (!maxSize || size <= maxSize) {
        chunks.push(chunk);
        return;
      }
      // The rest flows on into nothing, so that the connection can carry the next request.
      req.off('data', onData);
      req.off('end', onEnd);
      reject(new TRPCError({ code: 'PAYLOAD_TOO_LARGE' }));
    }
    function onEnd(): void {
      resolve(chunks.length === 1 ? chunks[0]! : Buffer.concat(chunks));
    }
    req.on('data', onData);
    req.on('end', onEnd);
  });
  // Nobody may ever ask: a call that is refused needs no input.
  body.catch(() => undefined);
  return body;
}
