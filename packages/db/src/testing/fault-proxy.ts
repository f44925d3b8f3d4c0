import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Socket } from 'node:net';

/** A TCP proxy in front of PostgreSQL that counts round trips and injects network faults. */
export interface FaultProxy {
  /** The server's URL, with the proxy's host and port. */
  readonly url: string;
  /** Round trips so far, over all connections: a client that sends after the server has sent starts a new one. */
  roundTrips(): number;
  /** Adds a latency in each direction, and limits the bandwidth of each connection in each direction. */
  slow(limits: { latencyMs?: number; bytesPerSecond?: number }): void;
  /** Holds back all data, including the end of a connection, until `restore`. The clients see a network that loses packets. */
  stall(direction: 'everything' | 'responses'): void;
  /** Applies a function to each chunk that the server sends. */
  modifyResponses(modify: (response: Buffer) => Buffer): void;
  /**
   * Lets the server execute one request and drops its response. The client's connection is then reset, or stays open and silent.
   *
   * @param request A round trip, counted from the next one (1), or a text in the client's request, such as `commit`.
   * @returns when the server has completed the request, or its connection has ended.
   */
  loseResponse(request: number | string, fault?: 'reset' | 'stall'): Promise<void>;
  /** Resets every connection. A client sees a reset, or the end of the connection just before it. */
  resetConnections(): void;
  /** Refuses new connections. */
  refuseConnections(): Promise<void>;
  /** Closes every connection and refuses new ones. */
  disable(): Promise<void>;
  /** Removes all faults. Data that was held back is delivered. */
  restore(): Promise<void>;
  /** Closes every connection and the proxy. */
  close(): Promise<void>;
}

interface Faults {
  latencyMs?: number;
  bytesPerSecond?: number;
  stalled?: 'everything' | 'responses';
  modify?: (response: Buffer) => Buffer;
  loss?: { matches(request: Buffer): boolean; fault: 'reset' | 'stall'; onDone(): void };
}

/** The message ReadyForQuery without its last byte, which is the state of the transaction. */
const readyForQuery = Buffer.from([0x5a, 0, 0, 0, 5]);
const sync = Buffer.from([0x53, 0, 0, 0, 4]);

function count(message: Buffer, bytes: Buffer): number {
  let found = 0;
  for (let at = bytes.indexOf(message); at >= 0; at = bytes.indexOf(message, at + message.length)) found += 1;
  return found;
}

/** Opens a proxy to the PostgreSQL server of a URL. It listens on a free port of `host`. */
export async function openFaultProxy(url: string, host = '127.0.0.1'): Promise<FaultProxy> {
  const target = new URL(url);
  const channels = new Set<Channel>();
  const clients = new Set<Socket>();
  let faults: Faults = {};
  let roundTrips = 0;

  const toServerLimits = () => ({ ...faults, isStalled: faults.stalled === 'everything' });
  const toClientLimits = () => ({ ...faults, isStalled: faults.stalled !== undefined });

  const listener = createServer({ noDelay: true }, (client) => {
    const server = connect({ port: Number(target.port || 5432), host: target.hostname, noDelay: true });
    const toServer = createChannel(server, toServerLimits);
    const toClient = createChannel(client, toClientLimits);
    let isServersTurn = false;
    let loss: Faults['loss'];
    /** How many messages ReadyForQuery end the response: one for each Sync, and one for a request without Sync. */
    let awaited = 0;
    let lost = Buffer.alloc(0);

    client.on('data', (request: Buffer) => {
      if (!isServersTurn) roundTrips += 1;
      if (faults.loss?.matches(request)) {
        ({ loss } = faults);
        awaited = Math.max(1, count(sync, request));
        delete faults.loss;
      }
      isServersTurn = true;
      toServer.send(request);
    });
    server.on('data', (response: Buffer) => {
      isServersTurn = false;
      if (loss === undefined) return toClient.send(faults.modify?.(response) ?? response);
      // If the client's connection ended earlier, the server would roll back unfinished work.
      lost = Buffer.concat([lost, response]);
      if (count(readyForQuery, lost) < awaited) return;
      if (loss.fault === 'reset') client.resetAndDestroy();
      loss.onDone();
    });
    for (const [socket, channel, opposite] of [
      [client, toClient, toServer],
      [server, toServer, toClient],
    ] as const) {
      channels.add(channel);
      // The handler of 'close' passes an error on to the other side.
      socket.on('error', () => {});
      socket.on('close', (hadError) => {
        opposite.end(hadError);
        channels.delete(channel);
      });
    }
    server.on('close', () => loss?.onDone());
    clients.add(client.on('close', () => clients.delete(client)));
  });

  const listen = async (port: number) => {
    listener.listen(port, host);
    await once(listener, 'listening');
    return (listener.address() as AddressInfo).port;
  };
  const port = await listen(0);
  const refuseConnections = async () => void (listener.listening && listener.close());
  const disable = async () => {
    await refuseConnections();
    for (const client of clients) client.destroy();
  };
  return {
    url: Object.assign(new URL(url), { hostname: host, port: String(port) }).href,
    roundTrips: () => roundTrips,
    slow: (limits) => void (faults = { ...faults, ...limits }),
    stall: (stalled) => void (faults = { ...faults, stalled }),
    modifyResponses: (modify) => void (faults = { ...faults, modify }),
    loseResponse: (request, fault = 'reset') =>
      new Promise((resolve) => {
        const first = roundTrips;
        const matches = (sent: Buffer) =>
          typeof request === 'string' ? sent.includes(request) : roundTrips - first === request;
        faults = { ...faults, loss: { matches, fault, onDone: resolve } };
      }),
    resetConnections() {
      for (const client of clients) client.resetAndDestroy();
    },
    refuseConnections,
    disable,
    async restore() {
      faults = {};
      for (const channel of channels) channel.flush();
      if (!listener.listening) await listen(port);
    },
    async close() {
      faults = {};
      await disable();
      for (const channel of channels) channel.flush();
    },
  };
}

/** One direction of one connection. */
interface Channel {
  send(bytes: Buffer): void;
  end(isBroken: boolean): void;
  /** Delivers all waiting data now. */
  flush(): void;
}

interface ChannelLimits {
  latencyMs?: number;
  bytesPerSecond?: number;
  isStalled: boolean;
}

/** Creates a channel that delivers in order, even if the limits change while data waits. */
function createChannel(socket: Socket, limits: () => ChannelLimits): Channel {
  const waiting: (() => void)[] = [];
  let busyUntil = 0;

  const deliver = () => {
    if (!limits().isStalled) waiting.shift()?.();
  };
  const schedule = (act: () => void, bytes = 0) => {
    const { latencyMs = 0, bytesPerSecond = Infinity } = limits();
    const now = performance.now();
    busyUntil = Math.max(busyUntil, now) + (1000 * bytes) / bytesPerSecond;
    waiting.push(act);
    const waitMs = busyUntil + latencyMs - now;
    if (waitMs > 0) setTimeout(deliver, waitMs);
    else deliver();
  };
  return {
    send: (bytes) => schedule(() => socket.write(bytes), bytes.length),
    end: (isBroken) => schedule(() => (isBroken ? socket.resetAndDestroy() : socket.destroySoon())),
    flush() {
      busyUntil = 0;
      for (const act of waiting.splice(0)) act();
    },
  };
}
