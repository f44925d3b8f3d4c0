/** Compares the CPU time per request of tRPC's own adapter and ours. Usage: `node bench/cpu.ts [requests] [rounds]`. */
import { fork, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { Agent, createServer, request } from 'node:http';
import type { AddressInfo } from 'node:net';
import { initTRPC } from '@trpc/server';
import { createExpressMiddleware as createStock } from '@trpc/server/adapters/express';
import express from 'express';
import { z } from 'zod';
import { createExpressMiddleware as createOurs } from '../src/index.ts';

const adapters = ['express alone', 'stock', 'ours'] as const;

type Adapter = (typeof adapters)[number];

const id = '01890a5d-ac96-774b-bcce-b302099a8057';

const tenGets = Object.fromEntries(Array.from({ length: 10 }, (_, index) => [index, { id }]));

const calls: [name: string, path: string, body?: string][] = [
  ['empty query', '/trpc/empty'],
  ['query with input', `/trpc/get?input=${encodeURIComponent(JSON.stringify({ id }))}`],
  ['20 rows', '/trpc/list'],
  ['mutation', '/trpc/add', JSON.stringify({ title: 'Write it down' })],
  ['batch of 10', `/trpc/${Array(10).fill('get').join()}?batch=1&input=${encodeURIComponent(JSON.stringify(tenGets))}`],
];

async function serve(adapter: Adapter): Promise<void> {
  const app = express().disable('x-powered-by');
  if (adapter === 'express alone') app.use('/trpc', (_req, res) => void res.type('json').end('{"result":{}}'));
  else
    app.use(
      '/trpc',
      (adapter === 'ours' ? createOurs : createStock)({ router: createRouter(), createContext: () => ({}) }),
    );
  const server = createServer(app).listen(0, '127.0.0.1');
  await once(server, 'listening');
  process.on('message', () => process.send!(process.cpuUsage()));
  process.send!((server.address() as AddressInfo).port);
}

function createRouter() {
  const { router, procedure } = initTRPC.create({ isDev: false });
  const row = { id, title: 'A task with a title', description: null, completed: false, version: 1 };
  const items = Array.from({ length: 20 }, () => row);
  return router({
    empty: procedure.query(() => null),
    get: procedure.input(z.object({ id: z.string() })).query(() => row),
    list: procedure.query(() => ({ items, nextCursor: null })),
    add: procedure.input(z.object({ title: z.string() })).mutation(({ input }) => ({ ...row, ...input })),
  });
}

class TestServer {
  readonly #child: ChildProcess;
  readonly #agent = new Agent({ keepAlive: true, maxSockets: 16 });
  #port = 0;

  constructor(adapter: Adapter) {
    this.#child = fork(import.meta.filename, ['serve', adapter], { env: { ...process.env, NODE_ENV: 'production' } });
  }

  async open(): Promise<void> {
    [this.#port] = (await once(this.#child, 'message')) as [number];
  }

  /** Returns the microseconds of CPU time per request. */
  async measure(count: number, path: string, body?: string): Promise<number> {
    const before = await this.#usage();
    await Promise.all(Array.from({ length: count }, () => this.#send(path, body)));
    return ((await this.#usage()) - before) / count;
  }

  close(): void {
    this.#agent.destroy();
    this.#child.kill();
  }

  async #usage(): Promise<number> {
    this.#child.send('usage');
    const [{ user, system }] = (await once(this.#child, 'message')) as [NodeJS.CpuUsage];
    return user + system;
  }

  async #send(path: string, body?: string): Promise<void> {
    const headers = body === undefined ? {} : { 'content-type': 'application/json', 'content-length': body.length };
    const method = body === undefined ? 'GET' : 'POST';
    const sending = request({ port: this.#port, host: '127.0.0.1', path, method, headers, agent: this.#agent }).end(
      body,
    );
    const [response] = (await once(sending, 'response')) as [NodeJS.ReadableStream & { statusCode: number }];
    if (response.statusCode !== 200) throw new Error(`${path} returned ${response.statusCode}`);
    await once(response.resume(), 'end');
  }
}

async function main(count: number, rounds: number): Promise<void> {
  const servers = adapters.map((adapter) => new TestServer(adapter));
  await Promise.all(servers.map((server) => server.open()));
  for (const [name, path, body] of calls) {
    for (const server of servers) await server.measure(count, path, body);
    const measured: number[][] = servers.map(() => []);
    for (let round = 0; round < rounds; round += 1) {
      for (const [index, server] of servers.entries()) measured[index]!.push(await server.measure(count, path, body));
    }
    const medians = measured.map((values) => values.sort((a, b) => a - b)[Math.floor(rounds / 2)]!);
    process.stdout.write(
      `${name.padEnd(18)} ${adapters.map((adapter, index) => `${adapter} ${medians[index]!.toFixed(0)} µs`).join(', ')}\n`,
    );
  }
  for (const server of servers) server.close();
}

if (process.argv[2] === 'serve') await serve(process.argv[3] as Adapter);
else await main(Number(process.argv[2] ?? 3000), Number(process.argv[3] ?? 7));
