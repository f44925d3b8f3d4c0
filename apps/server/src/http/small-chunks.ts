import type { IncomingMessage, Server } from 'node:http';
import type { Socket } from 'node:net';

/** Packets or chunks that may have any size. */
const freeChunks = 200;

/** Minimum average size of the packets or chunks after that, in bytes. Clients and proxies send some kilobytes at a time. */
const averageBytesMin = 64;

/** Bytes that may arrive without being part of a body: a head has at most 16 KiB, and the packet of a head can contain many requests. */
const freeBytes = 128 * 1024;

/** What has arrived on a connection since the head of its latest request. */
export class Arrived {
  packets = 0;
  bytes = 0;
  /** Bytes of the body: the declared number, or that of the chunks so far. */
  bodyBytes = 0;

  startRequest({ headers }: IncomingMessage): void {
    this.packets = 0;
    this.bytes = 0;
    this.bodyBytes = Number(headers['content-length'] ?? 0);
  }

  /** Whether line breaks between requests, spaces in a head or zeros before the size of a chunk arrive without end. */
  get isEndless(): boolean {
    return this.bytes > freeBytes + 2 * this.bodyBytes;
  }
}

const onConnections = new WeakMap<Socket, Arrived>();

const isTooSmall = (count: number, bytes: number) => count > freeChunks && bytes < count * averageBytesMin;

/** The part of the HTTP parser of Node that receives what a connection sends. */
interface Parser {
  [event: number]: (result: number | Error) => void;
  constructor: { kOnExecute: number };
}

/**
 * Closes the connection if bytes arrive in very many small packets: of a head, a body, the lines between chunks, or without a request.
 * Also closes it if many bytes arrive that belong to no request and no body: the parser skips these, so that nothing pauses the connection.
 * Node calls the listener of the parser for each packet in any case, but a `data` listener would make each packet a buffer.
 */
export function refuseSmallPackets(socket: Socket, arrived: Arrived): void {
  const { parser } = socket as Socket & { parser?: Parser | null };
  const event = parser?.constructor.kOnExecute;
  if (!parser || event === undefined) return;
  onConnections.set(socket, arrived);
  const onExecute = parser[event]!;
  parser[event] = (result) => {
    arrived.packets += 1;
    if (typeof result === 'number') arrived.bytes += result;
    if (isTooSmall(arrived.packets, arrived.bytes) || arrived.isEndless) socket.destroy();
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
    const arrived = onConnections.get(req.socket);
    const push = req.push.bind(req);
    // A subclass would count the chunks of every body.
    req.push = (chunk: Buffer | null, encoding) => {
      chunks += 1;
      bytes += chunk?.length ?? 0;
      if (arrived) arrived.bodyBytes = bytes;
      if (chunk === null || !isTooSmall(chunks, bytes)) return push(chunk, encoding);
      req.socket.destroy();
      return false;
    };
  });
}
