import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Socket } from 'node:net';
import { afterAll } from 'vitest';

/** A TCP proxy in front of the server, whose connections a test can break. */
export interface StreamProxy {
  url: string;
  /** Requests for a stream so far. */
  streams(): number;
  /** Refused connections so far. */
  refused(): number;
  /** Resets all connections. */
  cut(): void;
  /** While it is true, the proxy passes nothing on and keeps the connections open. */
  isSilent: boolean;
  /** While it is true, the proxy refuses connections. */
  isDown: boolean;
}

export async function openStreamProxy(target: string): Promise<StreamProxy> {
  const { hostname, port } = new URL(target);
  const sockets = new Set<Socket>();
  let [streams, refused] = [0, 0];
  const server = createServer((client) => {
    if (proxy.isDown) {
      refused += 1;
      client.resetAndDestroy();
      return;
    }
    const upstream = connect(Number(port), hostname);
    for (const [from, to] of [
      [client, upstream],
      [upstream, client],
    ] as const) {
      sockets.add(from);
      from.on('data', (chunk: Buffer) => {
        if (from === client && chunk.includes('/trpc/changes.watch')) streams += 1;
        if (!proxy.isSilent) to.write(chunk);
      });
      from.on('error', () => {});
      from.on('close', () => {
        sockets.delete(from);
        to.end();
      });
    }
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const proxy: StreamProxy = {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    streams: () => streams,
    refused: () => refused,
    isSilent: false,
    isDown: false,
    cut() {
      for (const socket of sockets) socket.resetAndDestroy();
    },
  };
  afterAll(() => {
    proxy.cut();
    server.close();
  });
  return proxy;
}
