import type { IncomingMessage } from 'node:http';
import { TRPCError } from '@trpc/server';

/**
 * Reads the body. Starts at once, even if no procedure needs it. If the client disconnects half way, the promise stays pending
 * forever, as in tRPC: the procedures then never run, and the promise is garbage-collected.
 *
 * @param maxSize In bytes. Default, and 0: unlimited.
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
      // The request stays in flowing mode and drops the rest, so that the connection can carry the next request.
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
  // A refused call never reads its input, so this rejection must not be unhandled.
  body.catch(() => undefined);
  return body;
}
