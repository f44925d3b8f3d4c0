import type { IncomingMessage, RequestListener, ServerResponse } from 'node:http';
import type { Socket } from 'node:net';

/** Requests of one connection that may wait. Browsers and proxies send the next request after the response. */
const waitingMax = 20;

/**
 * Serves the requests of a connection one after the other, also if the client sends them without waiting. Node would start all that
 * have arrived, before it serves another connection. A connection with too many is closed.
 */
export function serveOneByOne(handle: RequestListener): RequestListener {
  const waiting = new WeakMap<Socket, number>();

  function handleNext(req: IncomingMessage, res: ServerResponse): void {
    waiting.set(req.socket, waiting.get(req.socket)! - 1);
    if (!req.socket.destroyed) handle(req, res);
  }

  return (req, res) => {
    // Node gives a response its socket when the response before it is complete.
    if (res.socket !== null) return handle(req, res);
    const count = (waiting.get(req.socket) ?? 0) + 1;
    if (count > waitingMax) return void req.socket.destroy();
    waiting.set(req.socket, count);
    res.once('socket', () => setImmediate(handleNext, req, res));
  };
}
