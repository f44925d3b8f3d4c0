import { once } from 'node:events';
import { createServer, type IncomingHttpHeaders, request, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { buffer } from 'node:stream/consumers';
import { onTestFinished } from 'vitest';
import type { Random } from '../random.ts';

/** What the network does with a request. */
const fates = [
  'lose the request',
  'lose the response',
  'time out before the server',
  'time out behind the server',
  'deliver twice',
  'deliver three times in parallel',
  'deliver again later',
] as const;

type Fate = (typeof fates)[number] | 'pass';

interface Delivery {
  method: string;
  path: string;
  headers: IncomingHttpHeaders;
  body: Buffer;
}

export interface FaultyNetwork {
  url: string;
  /** The server that requests are sent to. It can change. */
  target: string;
  /** From now on, calls meet faults. */
  begin(): void;
  /** Number of calls with each fate. */
  counts: Map<Fate, number>;
  /** Delivers all requests that are still on their way, and waits for their responses. */
  drain(): Promise<void>;
}

/** One of this many calls meets a fault. */
const oneIn = 7;

/** Opens a network between clients and a server. It loses, delays, repeats and reorders calls, but not sign-in requests. */
export async function openFaultyNetwork(target: string, random: Random): Promise<FaultyNetwork> {
  const agentOptions = { agent: false as const };
  const running = new Set<Promise<unknown>>();
  let late: { delivery: Delivery; atCall: number }[] = [];
  let calls = 0;
  let hasFaults = false;

  function decide(path: string): Fate {
    if (!hasFaults || !path.startsWith('/trpc/')) return 'pass';
    calls += 1;
    const fate = random.below(oneIn) === 0 ? random.pick(fates) : 'pass';
    network.counts.set(fate, (network.counts.get(fate) ?? 0) + 1);
    return fate;
  }

  /** Sends a request to the server. Rejects if the connection is lost. */
  function deliver({ method, path, headers, body }: Delivery) {
    const { hostname, port } = new URL(network.target);
    const sending = new Promise<{ status: number; headers: IncomingHttpHeaders; body: Buffer }>((resolve, reject) => {
      const sent = request({ ...agentOptions, hostname, port, method, headers, path }, (response) => {
        buffer(response).then(
          (received) => resolve({ status: response.statusCode!, headers: response.headers, body: received }),
          reject,
        );
      });
      sent.on('error', reject).end(body);
    });
    const settled = sending.catch(() => {}).finally(() => running.delete(settled));
    running.add(settled);
    return sending;
  }

  function deliverLate(isDue: (atCall: number) => boolean): void {
    const due = late.filter(({ atCall }) => isDue(atCall));
    late = late.filter((each) => !due.includes(each));
    for (const { delivery } of due) deliver(delivery).catch(() => {});
  }

  async function handle(delivery: Delivery, response: ServerResponse): Promise<void> {
    const fate = decide(delivery.path);
    deliverLate((atCall) => atCall <= calls);
    if (fate === 'lose the request') return void response.destroy();
    if (fate === 'time out before the server') return respond(response, { status: 503, headers: {}, body: noBody });
    if (fate === 'deliver three times in parallel') deliver(delivery).catch(() => {});
    if (fate === 'deliver again later') late.push({ delivery, atCall: calls + 1 + random.below(60) });
    const deliveries = [deliver(delivery)];
    if (fate === 'deliver three times in parallel') deliveries.push(deliver(delivery));
    const first = await Promise.race(deliveries);
    if (fate === 'lose the response') return void response.destroy();
    if (fate === 'time out behind the server') return respond(response, { status: 504, headers: {}, body: noBody });
    if (fate === 'deliver twice') return respond(response, await deliver(delivery));
    respond(response, first);
  }

  const server = createServer((incoming, response) => {
    const { method = '', url: path = '', headers } = incoming;
    void buffer(incoming)
      .then((body) => handle({ method, path, headers, body }, response))
      .catch(() => response.destroy());
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  onTestFinished(() => {
    server.close();
    server.closeAllConnections();
  });

  const network: FaultyNetwork = {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    target,
    begin: () => void (hasFaults = true),
    counts: new Map(),
    async drain() {
      hasFaults = false;
      deliverLate(() => true);
      while (running.size > 0) await Promise.all(running);
    },
  };
  return network;
}

const noBody = Buffer.from('<h1>A proxy</h1>');

function respond(
  response: ServerResponse,
  { status, headers, body }: { status: number; headers: IncomingHttpHeaders; body: Buffer },
) {
  response.writeHead(status, { 'content-type': 'text/html', ...headers }).end(body);
}
