import { once } from 'node:events';
import type { Server, ServerResponse } from 'node:http';
import { Server as NetServer, type Socket } from 'node:net';

/** Idle connections stay open for this time after a shutdown starts, since a request may already be on its way. */
const graceMs = 1000;
const sweepMs = 50;

/** The connections of a server. */
export interface Connections {
  /** Whether a response is being written to the connection, so that no other bytes may be written. */
  isResponding(socket: Socket): boolean;
  /** Stops accepting connections, completes open requests, and closes the remaining connections at the deadline. */
  close(deadlineMs: number): Promise<void>;
}

/** Tracks the connections of a server. Call it before you attach the request handler, so that it sees all responses. */
export function trackConnections(server: Server): Connections {
  /** The latest response of each connection. */
  const responses = new Map<Socket, ServerResponse | null>();
  let isClosing = false;

  server.on('connection', (socket) => {
    responses.set(socket, null);
    socket.on('close', () => responses.delete(socket));
  });
  server.on('request', (req, res) => {
    responses.set(req.socket, res);
    if (isClosing) closeAfter(res);
  });

  function sweep(): void {
    server.closeIdleConnections();
    // Browsers open connections in advance. Node counts one that was never used as busy.
    for (const socket of responses.keys()) if (socket.bytesRead === 0) socket.destroy();
  }

  return {
    isResponding(socket) {
      const response = responses.get(socket);
      return response?.headersSent === true && !response.writableFinished;
    },
    async close(deadlineMs) {
      isClosing = true;
      for (const response of responses.values()) if (response !== null) closeAfter(response);
      const closed = once(server, 'close');
      // The `close` of `http` closes idle connections at once, together with requests that clients have already sent.
      // Only the `close` of `net` leaves them open.
      NetServer.prototype.close.call(server);
      let sweeping: NodeJS.Timeout | undefined;
      const grace = setTimeout(() => {
        sweep();
        sweeping = setInterval(sweep, sweepMs);
      }, graceMs);
      const deadline = setTimeout(() => server.closeAllConnections(), deadlineMs);
      await closed;
      for (const timer of [grace, sweeping, deadline]) clearTimeout(timer);
    },
  };
}

/** Asks the client to send no more requests on the connection. Node closes it after this response. */
function closeAfter(response: ServerResponse): void {
  if (!response.headersSent) response.setHeader('connection', 'close');
}
