import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Socket } from 'node:net';

/** Round trips since the last reset. */
export interface WireCount {
  /** Round trips over all connections. */
  trips: number;
  /** The longest chain of consecutive round trips. Parallel round trips count once. */
  depth: number;
}

/** A TCP proxy to PostgreSQL that counts round trips. */
export interface RoundTripProxy {
  /** The same URL with the address of the proxy. */
  toProxyUrl(url: string): string;
  reset(): void;
  read(): WireCount;
  close(): void;
}

/**
 * Delays every response. The client did not wait for a response before it sent data during the delay, so these data belong
 * to the same round trip. Data that the client sends after a response start a new one.
 */
export async function openRoundTripProxy(
  target: { host: string; port: number },
  delayMs: number,
): Promise<RoundTripProxy> {
  const count: WireCount = { trips: 0, depth: 0 };
  /** The longest chain of round trips that are complete. */
  let completed = 0;
  const sockets = new Set<Socket>();

  const server = createServer({ noDelay: true }, (client) => {
    const upstream = connect({ ...target, noDelay: true });
    let isWaiting = false;
    let depth = 0;
    client.on('data', (chunk) => {
      if (!isWaiting) {
        isWaiting = true;
        depth = completed + 1;
        count.trips += 1;
        count.depth = Math.max(count.depth, depth);
      }
      upstream.write(chunk);
    });
    upstream.on('data', (chunk) => {
      setTimeout(() => {
        isWaiting = false;
        completed = Math.max(completed, depth);
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
        // The delayed responses go first.
        setTimeout(() => other.destroy(), delayMs + 1);
      });
    }
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;

  return {
    toProxyUrl: (url) => Object.assign(new URL(url), { hostname: '127.0.0.1', port: String(port) }).href,
    reset() {
      completed = 0;
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
