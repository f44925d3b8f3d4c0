import { once } from 'node:events';
import type { Server, ServerResponse } from 'node:http';
import { Server as NetServer, type Socket } from 'node:net';

/** How long an idle connection is kept after the end has begun: a request may be on its way on it. */
const graceMs = 1000;
const sweepMs = 50;

/** The connections of a server. */
export interface Connections {
  /** Whether an answer is being written to the connection, so that nothing else may be. */
  isAnswering(socket: Socket): boolean;
  /** Stops accepting, answers what has been asked, and cuts what is not done after the deadline. */
  close(deadlineMs: number): Promise<void>;
}

/** Watches the connections of a server. Comes before its request handler: the first answers have to be known, too. */
export function watchConnections(server: Server): Connections {
  /** With the latest answer of each. */
  const answers = new Map<Socket, ServerResponse | null>();
  let isClosing = false;

  server.on('connection', (socket) => {
    answers.set(socket, null);
    socket.on('close', () => answers.delete(socket));
  });
  server.on('request', (req, res) => {
    answers.set(req.socket, res);
    if (isClosing) sayGoodbye(res);
  });

  function sweep(): void {
    server.closeIdleConnections();
    // Node counts a connection as busy that has been opened ahead, as browsers do, and never used.
    for (const socket of answers.keys()) if (socket.bytesRead === 0) socket.destroy();
  }

  return {
    isAnswering(socket) {
      const answer = answers.get(socket);
      return answer?.headersSent === true && !answer.writableFinished;
    },
    async close(deadlineMs) {
      isClosing = true;
      for (const answer of answers.values()) if (answer !== null) sayGoodbye(answer);
      const closed = once(server, 'close');
      // Only `net`'s own close leaves idle connections open: `http`'s cuts them at once, and with them the requests that
      // clients have already sent on them.
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

/** The client sends nothing more on the connection, and Node ends it after this answer. */
function sayGoodbye(answer: ServerResponse): void {
  if (!answer.headersSent) answer.setHeader('connection', 'close');
}
