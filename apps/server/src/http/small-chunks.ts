import type { IncomingMessage, Server } from 'node:http';
import type { Socket } from 'node:net';

/** Packets or chunks that may have any size. */
const freeChunks = 200;

/** Minimum average size of the packets or chunks after that, in bytes. Clients and proxies send some kilobytes at a time. */
const averageBytesMin = 64;

/** What has arrived on a connection since the head of its latest request. */
export interface Arrived {
  packets: number;
  bytes: number;
}

const isTooSmall = (count: number, bytes: number) => count > freeChunks && bytes < count * averageBytesMin;

/** The part of the HTTP parser of Node that receives what a connection sends. */
interface Parser {
  [event: number]: (result: number | Error) => void;
  constructor: { kOnExecute: number };
}

/**
 * Closes the connection if bytes arrive in very many small packets: of a head, a body, the lines between chunks, or without a request.
 * Node calls the listener of the parser for each packet in any case, but a `data` listener would make each packet a buffer.
 */
export function refuseSmallPackets(socket: Socket, arrived: Arrived): void {
  const { parser } = socket as Socket & { parser?: Parser | null };
  const event = parser?.constructor.kOnExecute;
  if (!parser || event === undefined) return;
  const onExecute = parser[event]!;
  parser[event] = (result) => {
    arrived.packets += 1;
    if (typeof result === 'number') arrived.bytes += result;
    if (isTooSmall(arrived.packets, arrived.bytes)) socket.destroy();
    else onExecute(result);
  };
}

/**
 * Closes the connection if a body arrives in very many small chunks, whose packets can be large. A chunk of one byte costs as much time
 * and memory as a large one: one megabyte in such chunks costs a second and more than 100 MB. Call this before you attach the request
 * handler.
 */
export function refuseSmallChunks(server: Server): void {
  server.on('request', (req: IncomingMessage) => {
    if (req.headers['transfer-encoding'] === undefined) return;
    let chunks = 0;
    let bytes = 0;
    const push = req.push.bind(req);
    // A subclass would count the chunks of every body.
    req.push = (chunk: Buffer | null, encoding) => {
      chunks += 1;
      bytes += chunk?.length ?? 0;
      if (chunk === null || !isTooSmall(chunks, bytes)) return push(chunk, encoding);
      req.socket.destroy();
      return false;
    };
  });
}
