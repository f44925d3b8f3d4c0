import type { IncomingMessage, ServerResponse } from 'node:http';
import { TRPCError } from '@trpc/server';

export interface BodyOptions {
  req: IncomingMessage;
  res: ServerResponse;
  /** In bytes. Default, and 0: unlimited. */
  maxSize: number | undefined;
}

/** Longer bodies are received only when they are needed. */
const earlyBytesMax = 64 * 1024;

/**
 * Returns a function that reads the body. A short body is received at once. A longer one, or one without a declared length, is
 * received on the first call: after the checks of its caller, so that requests that wait or fail have little in memory.
 */
export function createBodyReader(options: BodyOptions): () => Promise<Buffer> {
  const isShort = Number(options.req.headers['content-length']) <= earlyBytesMax;
  let body = isShort ? readBody(options) : undefined;
  return () => (body ??= readBody(options));
}

/**
 * Reads the body. Starts at once, even if no procedure needs it. If the client disconnects half way, or the response is complete
 * before the body, the promise stays pending forever, as in tRPC, and is garbage-collected with the bytes.
 *
 * @throws TRPCError PAYLOAD_TOO_LARGE
 */
export function readBody({ req, res, maxSize }: BodyOptions): Promise<Buffer> {
  const body = new Promise<Buffer>((resolve, reject) => {
    let chunks: Buffer[] = [];
    let size = 0;
    /** The request stays in flowing mode and drops the rest, so that the connection can carry the next request. */
    function stop(): void {
      req.off('data', onData);
      req.off('end', onEnd);
      res.off('finish', stop);
      chunks = [];
    }
    function onData(chunk: Buffer): void {
      size += chunk.length;
      if (!maxSize || size <= maxSize) {
        chunks.push(chunk);
        return;
      }
      stop();
      reject(new TRPCError({ code: 'PAYLOAD_TOO_LARGE' }));
    }
    function onEnd(): void {
      const read = chunks;
      stop();
      resolve(read.length === 1 ? read[0]! : Buffer.concat(read));
    }
    req.on('data', onData);
    req.on('end', onEnd);
    res.on('finish', stop);
  });
  // A refused call never reads its input, so this rejection must not be unhandled.
  body.catch(() => undefined);
  return body;
}
