import type { IncomingMessage, Server } from 'node:http';
import type { Socket } from 'node:net';
import { toRoute } from '../request/routes.ts';

/** Bytes that the client of a stream may send after its request. They are discarded. */
const laterBytesMax = 64 * 1024;

/**
 * Releases the HTTP parser of each connection that serves a stream, since no request follows on it. A parser takes 10 KB, and
 * thousands of streams are idle at the same time. Node does this for upgraded connections only, so the request of a stream
 * is marked as an upgrade after Node has parsed it. Its response stays as it is. Call it before you attach the request handler.
 */
export function releaseParsersOfStreams(server: Server): void {
  server.on('request', (req, res) => {
    if (!isStream(req)) return;
    (req as IncomingMessage & { upgrade: boolean }).upgrade = true;
    res.shouldKeepAlive = false;
  });
  // Node has removed its own listeners from the connection before this event.
  server.on('upgrade', (_req, socket: Socket) => {
    const bytesMax = socket.bytesRead + laterBytesMax;
    socket.on('error', ignoreError);
    socket.on('end', end);
    socket.on('data', () => {
      if (socket.bytesRead > bytesMax) socket.destroy();
    });
  });
}

/** Node destroys the connection after an error, which closes the response. */
function ignoreError(): void {}

function end(this: Socket): void {
  this.end();
}

/** Whether the request is for a stream, and has no body. */
function isStream({ method, url = '', headers }: IncomingMessage): boolean {
  if (method !== 'GET' || !url.startsWith('/trpc/')) return false;
  const hasBody = headers['transfer-encoding'] !== undefined || headers['content-length'] !== undefined;
  return !hasBody && toRoute(url.split('?', 1)[0]!) === 'stream';
}
