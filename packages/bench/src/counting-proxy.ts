import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Socket } from 'node:net';

/** What went over the wire since the last reset. */
export interface WireCount {
  /** How often something was sent that waited for, or followed on, an answer: summed over all connections. */
  trips: number;
  /** How many of them came one after the other; those that were under way at once count once. */
  depth: number;
}

/** A proxy before PostgreSQL that counts round trips. */
export interface CountingProxy {
  /** The same URL by way of the proxy. */
  through(url: string): string;
  reset(): void;
  read(): WireCount;
  close(): void;
}

/**
 * Holds back every answer for some milliseconds. Whatever the client sends meanwhile, it has sent without waiting, so it
 * belongs to the same trip; what it sends once an answer has reached it is a new one.
 */
export async function openCountingProxy(
  target: { host: string; port: number },
  delayMs: number,
): Promise<CountingProxy> {
  const count: WireCount = { trips: 0, depth: 0 };
  /** The longest chain of trips whose answers have reached the client. */
  let answered = 0;
  const sockets = new Set<Socket>();

  const server = createServer({ noDelay: true }, (client) => {
    const upstream = connect({ ...target, noDelay: true });
    let isWaiting = false;
    let depth = 0;
    client.on('data', (chunk) => {
      if (!isWaiting) {
        isWaiting = true;
        depth = answered + 1;
        count.trips += 1;
        count.depth = Math.max(count.depth, depth);
      }
      upstream.write(chunk);
    });
    upstream.on('data', (chunk) => {
      setTimeout(() => {
        isWaiting = false;
        answered = Math.max(answered, depth);
        client.write(chunk);
      }, delayMs);
    });
    for (const [socket, other] of [
      [client, upstream],
      [upstream, client],
    ] as const) {
      sockets.add(socket);
      socket.on('error', () => other.destroy());
      socket.on('close', () => {
        sockets.delete(socket);
        // After the answers that are still held back.
        setTimeout(() => other.destroy(), delayMs + 1);
      });
    }
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;

  return {
    through: (url) => Object.assign(new URL(url), { hostname: '127.0.0.1', port: String(port) }).href,
    reset() {
      answered = 0;
      count.trips = 0;
      count.depth = 0;
    },
    read: () => ({ ...count }),
    close() {
      server.close();
      for (const socket of sockets) socket.destroy();
    },
  };
}
