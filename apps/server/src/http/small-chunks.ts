import type { IncomingMessage, Server } from 'node:http';

/** Chunks of a body that may have any size. */
const freeChunks = 200;

/** Minimum average size of the chunks after that, in bytes. Clients and proxies send chunks of some kilobytes. */
const averageBytesMin = 64;

/**
 * Closes the connection if a body arrives in very many small chunks, or packets. A chunk of one byte costs as much time and memory as
 * a large one: one megabyte in such chunks costs a second and more than 100 MB. Call this before you attach the request handler.
 */
export function refuseSmallChunks(server: Server): void {
  server.on('request', (req: IncomingMessage) => {
    if (!canHaveManyChunks(req)) return;
    let chunks = 0;
    let bytes = 0;
    const push = req.push.bind(req);
    // A subclass would count the chunks of every body.
    req.push = (chunk: Buffer | null, encoding) => {
      chunks += 1;
      bytes += chunk?.length ?? 0;
      if (chunk === null || chunks <= freeChunks || bytes >= chunks * averageBytesMin) return push(chunk, encoding);
      req.socket.destroy();
      return false;
    };
  });
}

const canHaveManyChunks = ({ headers }: IncomingMessage) =>
  headers['transfer-encoding'] !== undefined || Number(headers['content-length'] ?? 0) > freeChunks;
