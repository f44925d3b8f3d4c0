import { once } from 'node:events';
import { type AddressInfo, connect, createServer } from 'node:net';

/** A line to the database that a test listens in on and disturbs. */
export interface Line {
  /** The database's URL by way of this line. */
  url: string;
  /** How often the client has spoken after the server had: the round trips so far. */
  trips(): number;
  /** What becomes of the server's answers from now on; an empty one is swallowed. */
  filter(change: (answer: Buffer) => Buffer): void;
  close(): Promise<void>;
}

export const pass = (answer: Buffer) => answer;
export const swallow = () => Buffer.alloc(0);

/** Opens a line of a test's own to the server that a URL names. */
export async function openLine(url: string): Promise<Line> {
  const { hostname, port } = new URL(url);
  let trips = 0;
  let change = pass;
  const proxy = createServer((client) => {
    const server = connect(Number(port), hostname);
    let isServersTurn = false;
    client.on('data', (bytes) => {
      if (!isServersTurn) trips += 1;
      isServersTurn = true;
      server.write(bytes);
    });
    server.on('data', (bytes) => {
      isServersTurn = false;
      client.write(change(bytes));
    });
    client.on('close', () => server.destroy()).on('error', () => server.destroy());
    server.on('close', () => client.destroy()).on('error', () => client.destroy());
  }).listen(0, '127.0.0.1');
  await once(proxy, 'listening');
  const line = new URL(url);
  line.port = String((proxy.address() as AddressInfo).port);
  return {
    url: line.href,
    trips: () => trips,
    filter: (next) => (change = next),
    close: async () => void proxy.close(),
  };
}
