import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Socket } from 'node:net';

/** A line to a PostgreSQL that listens in on what passes, and disturbs it. */
export interface Line {
  /** The URL that it was opened with, by way of this line. */
  readonly url: string;
  /** How often the client has spoken after the server had, over all connections: the round trips so far. */
  trips(): number;
  /** Everything takes this long each way, and each connection carries this much each way. */
  slow(limits: { latencyMs?: number; bytesPerSecond?: number }): void;
  /** Nothing arrives any more, the end of a connection included, until the line is mended: a network that loses packets. */
  silence(what: 'everything' | 'answers'): void;
  /** Every answer is changed on its way. */
  change(change: (answer: Buffer) => Buffer): void;
  /**
   * The server does what it is asked and the client never hears of it: its connection is reset, or stays silent, in
   * place of the answer.
   *
   * @param to Which trip from now, the next being 1, or a text in what the client sends, such as `commit`.
   * @returns once the server is done with it, or its connection has ended.
   */
  loseAnswer(to: number | string, follow?: 'reset' | 'silence'): Promise<void>;
  /** Breaks every connection off: the client sees a reset, or an end just before one. */
  reset(): void;
  /** Takes no new connections. */
  refuse(): Promise<void>;
  /** Closes every connection and takes no new ones. */
  cut(): Promise<void>;
  /** Undisturbed again; what a silence has held back arrives. */
  mend(): Promise<void>;
  /** Ends everything. */
  close(): Promise<void>;
}

interface Disturbance {
  latencyMs?: number;
  bytesPerSecond?: number;
  silence?: 'everything' | 'answers';
  change?: (answer: Buffer) => Buffer;
  loss?: { isLost(asked: Buffer): boolean; follow: 'reset' | 'silence'; onDone(): void };
}

/** ReadyForQuery without its last byte, the state of the transaction. */
const ready = Buffer.from([0x5a, 0, 0, 0, 5]);

/** Opens a line to the server that a URL names, on an address of this machine. */
export async function openFaultProxy(url: string, host = '127.0.0.1'): Promise<Line> {
  const target = new URL(url);
  const ways = new Set<Way>();
  const clients = new Set<Socket>();
  let disturbance: Disturbance = {};
  let trips = 0;

  const toServerLimits = () => ({ ...disturbance, isSilent: disturbance.silence === 'everything' });
  const toClientLimits = () => ({ ...disturbance, isSilent: disturbance.silence !== undefined });

  const proxy = createServer({ noDelay: true }, (client) => {
    const server = connect({ port: Number(target.port || 5432), host: target.hostname, noDelay: true });
    const toServer = createWay(server, toServerLimits);
    const toClient = createWay(client, toClientLimits);
    let isServersTurn = false;
    let loss: Disturbance['loss'];
    let end = Buffer.alloc(0);

    client.on('data', (asked: Buffer) => {
      if (!isServersTurn) trips += 1;
      if (disturbance.loss?.isLost(asked)) {
        ({ loss } = disturbance);
        delete disturbance.loss;
      }
      isServersTurn = true;
      toServer.send(asked);
    });
    server.on('data', (answer: Buffer) => {
      isServersTurn = false;
      if (loss === undefined) return toClient.send(disturbance.change?.(answer) ?? answer);
      // A server that finds nobody to answer to would take back what it has not yet finished.
      end = Buffer.concat([end, answer]).subarray(-ready.length - 1);
      if (!end.subarray(0, ready.length).equals(ready)) return;
      if (loss.follow === 'reset') client.resetAndDestroy();
      loss.onDone();
    });
    for (const [socket, here, onward] of [
      [client, toClient, toServer],
      [server, toServer, toClient],
    ] as const) {
      ways.add(here);
      // What failed here ends the other side as well.
      socket.on('error', () => {});
      socket.on('close', (hadError) => {
        onward.end(hadError);
        ways.delete(here);
      });
    }
    server.on('close', () => loss?.onDone());
    clients.add(client.on('close', () => clients.delete(client)));
  });

  const listen = async (port: number) => {
    proxy.listen(port, host);
    await once(proxy, 'listening');
    return (proxy.address() as AddressInfo).port;
  };
  const port = await listen(0);
  const refuse = async () => void (proxy.listening && proxy.close());
  const cut = async () => {
    await refuse();
    for (const client of clients) client.destroy();
  };
  return {
    url: Object.assign(new URL(url), { hostname: host, port: String(port) }).href,
    trips: () => trips,
    slow: (limits) => void (disturbance = { ...disturbance, ...limits }),
    silence: (what) => void (disturbance = { ...disturbance, silence: what }),
    change: (change) => void (disturbance = { ...disturbance, change }),
    loseAnswer: (to, follow = 'reset') =>
      new Promise((resolve) => {
        const first = trips;
        const isLost = (asked: Buffer) => (typeof to === 'string' ? asked.includes(to) : trips - first === to);
        disturbance = { ...disturbance, loss: { isLost, follow, onDone: resolve } };
      }),
    reset() {
      for (const client of clients) client.resetAndDestroy();
    },
    refuse,
    cut,
    async mend() {
      disturbance = {};
      for (const way of ways) way.flush();
      if (!proxy.listening) await listen(port);
    },
    async close() {
      disturbance = {};
      await cut();
      for (const way of ways) way.flush();
    },
  };
}

/** One direction of one connection. */
interface Way {
  send(bytes: Buffer): void;
  end(isBroken: boolean): void;
  /** Everything that waits arrives now. */
  flush(): void;
}

interface WayLimits {
  latencyMs?: number;
  bytesPerSecond?: number;
  isSilent: boolean;
}

/** Whatever the limits become meanwhile, the order stays. */
function createWay(to: Socket, limits: () => WayLimits): Way {
  const waiting: (() => void)[] = [];
  let busyUntil = 0;

  const arrive = () => {
    if (!limits().isSilent) waiting.shift()?.();
  };
  const pass = (act: () => void, bytes = 0) => {
    const { latencyMs = 0, bytesPerSecond = Infinity } = limits();
    const now = performance.now();
    busyUntil = Math.max(busyUntil, now) + (1000 * bytes) / bytesPerSecond;
    waiting.push(act);
    const waitMs = busyUntil + latencyMs - now;
    if (waitMs > 0) setTimeout(arrive, waitMs);
    else arrive();
  };
  return {
    send: (bytes) => pass(() => to.write(bytes), bytes.length),
    end: (isBroken) => pass(() => (isBroken ? to.resetAndDestroy() : to.destroySoon())),
    flush() {
      busyUntil = 0;
      for (const act of waiting.splice(0)) act();
    },
  };
}
