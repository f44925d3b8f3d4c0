import type { IncomingMessage, Server, ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import { hasBody } from '@holdfast/trpc-express';
import { isStreamTarget } from '../request/routes.ts';

/** Bytes that the client of a stream may send after its request. They are discarded. */
const laterBytesMax = 64 * 1024;

/**
 * Releases the HTTP parser of each connection that serves a stream, if its request has no body, since no request follows on it. A parser takes 10 KB, and
 * thousands of streams are idle at the same time. Node does this for upgraded connections only, so the request of a stream
 * is marked as an upgrade after Node has parsed it. Its response stays as it is. Call it before you attach the request handler.
 */
export function releaseParsersOfStreams(server: Server): void {
  server.on('request', (req, res) => {
    if (req.method !== 'GET' || hasBody(req) || !isStreamTarget(req.url!)) return;
    (req as IncomingMessage & { upgrade: boolean }).upgrade = true;
    res.shouldKeepAlive = false;
    // The listeners of Node would keep its state of the connection in memory.
    res.removeAllListeners('finish').on('finish', closeConnection);
    Object.assign(res, { _onPendingData: ignore });
  });
  // Node has removed its own listeners from the connection before this event.
  server.on('upgrade', (_req, socket: Socket) => {
    const bytesMax = socket.bytesRead + laterBytesMax;
    // Node destroys the connection after an error, which closes the response.
    socket.on('error', ignore);
    socket.on('end', end);
    socket.on('data', () => {
      if (socket.bytesRead > bytesMax) socket.destroy();
    });
  });
}

/** Runs after the end of the response. */
function closeConnection(this: ServerResponse): void {
  this.socket?.destroySoon();
}

function ignore(): void {}

function end(this: Socket): void {
  this.end();
}
