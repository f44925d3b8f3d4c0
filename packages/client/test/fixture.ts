import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createServer, type IncomingMessage, request, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { fileURLToPath } from 'node:url';
import { type ClientOptions, createClient, type HoldfastWithSignIn, type SessionStorage } from '@holdfast/client';
import { openTestDatabase } from '@holdfast/db/testing';
import { afterAll, inject } from 'vitest';

const main = fileURLToPath(import.meta.resolve('@holdfast/server/src/main.ts'));

const endings: (() => Promise<void>)[] = [];

// Registered here, because a hook that is registered while a test runs is never called.
afterAll(async () => {
  for (const end of endings) await end();
});

/** The real server in a process of its own, on a database of its own. */
export async function startServer(): Promise<string> {
  const database = await openTestDatabase(inject('testServer'));
  const { PATH } = process.env;
  const env = { PATH, PORT: '0', DATABASE_URL: database.url, AUTH_SECRET: 'a secret that only the tests know, 123' };
  const child: ChildProcess = spawn(process.execPath, [main], { env, stdio: ['ignore', 'pipe', 'pipe'] });
  endings.push(async () => {
    if (child.exitCode === null) {
      child.kill('SIGKILL');
      await once(child, 'exit');
    }
    await database.drop();
  });
  let text = '';
  return new Promise((resolve, reject) => {
    const look = (chunk: Buffer) => {
      text += String(chunk);
      const url = /http:\/\/127\.0\.0\.1:\d+/.exec(text)?.[0];
      if (url !== undefined) resolve(url);
    };
    child.stdout!.on('data', look);
    child.stderr!.on('data', look);
    child.once('exit', (code) => reject(new Error(`the server ended with ${code}:\n${text}`)));
  });
}

/** What becomes of a request: answered by the server, or as the test wants it. */
export type Fate =
  | 'pass'
  | 'lose answer'
  | 'cut'
  | 'hang'
  | { status: number; headers?: Record<string, string>; body: unknown };

/** A way to the server that a test can disturb. */
export interface Proxy {
  url: string;
  /** Method and path of each request that came, without the query. */
  seen: string[];
  /** When each came, in milliseconds. */
  times: number[];
  decide: (path: string, count: number) => Fate;
}

export async function openProxy(target: string): Promise<Proxy> {
  const { hostname, port } = new URL(target);
  const proxy: Proxy = { url: '', seen: [], times: [], decide: () => 'pass' };
  const server = createServer((req: IncomingMessage, res: ServerResponse) => {
    const path = req.url!.split('?')[0]!;
    proxy.seen.push(`${req.method} ${path}`);
    proxy.times.push(performance.now());
    const fate = proxy.decide(path, proxy.seen.length);
    if (fate === 'hang') return;
    if (fate === 'cut') {
      req.socket.destroy();
      return;
    }
    if (typeof fate === 'object') {
      const body = typeof fate.body === 'string' ? fate.body : JSON.stringify(fate.body);
      res.writeHead(fate.status, { 'content-type': 'application/json', ...fate.headers }).end(body);
      return;
    }
    const { method, headers, url } = req;
    const onward = request({ hostname, port, method, headers, path: url }, (answer) => {
      if (fate === 'lose answer') {
        answer.resume().on('end', () => req.socket.destroy());
        return;
      }
      res.writeHead(answer.statusCode!, answer.headers);
      answer.pipe(res);
    });
    onward.on('error', () => req.socket.destroy());
    req.pipe(onward);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  afterAll(() => {
    server.close();
    server.closeAllConnections();
  });
  proxy.url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  return proxy;
}

/** Where nothing listens. */
export async function findClosedPort(): Promise<string> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, 'close');
  return `http://127.0.0.1:${port}`;
}

/** An answer in the server's own shape. */
export function refusal(code: string, httpStatus: number, more: object = {}): Fate {
  const data = { code, httpStatus, path: null, requestId: 'made-up', validation: null, ...more };
  return { status: httpStatus, body: { error: { code: -32000, message: `made up: ${code}`, data } } };
}

let people = 0;
export const password = 'correct horse';

/** A client of somebody new, signed in through the proxy, whose list of requests is empty again. */
export async function meet(proxy: Proxy, options: Partial<ClientOptions> = {}): Promise<HoldfastWithSignIn> {
  const holdfast = createClient({ url: proxy.url, ...options });
  await holdfast.signUp({ name: 'Ada', email: `ada${(people += 1)}@example.org`, password });
  proxy.seen.length = proxy.times.length = 0;
  return holdfast;
}

/** A storage as an app would have one. */
export function keep(): SessionStorage & { kept: string | null } {
  return {
    kept: null,
    load() {
      return this.kept;
    },
    save(session) {
      this.kept = session;
    },
  };
}

/** Somebody with an account, and their session. */
export async function join(proxy: Proxy): Promise<{ email: string; session: string }> {
  const storage = keep();
  const { email } = await (await meet(proxy, { storage })).user.me();
  return { email: email!, session: storage.kept! };
}

/** Holds back the answers of requests whose URL has this in it; calling one of `held` lets that one through. */
export function openGate(part: string): { fetch: typeof fetch; held: (() => void)[] } {
  const held: (() => void)[] = [];
  return {
    held,
    async fetch(...request) {
      const answer = await fetch(...request);
      if (answer.url.includes(part)) await new Promise<void>((resolve) => held.push(resolve));
      return answer;
    },
  };
}

/** What a call failed with. */
export async function failureOf(call: Promise<unknown>): Promise<Record<string, unknown>> {
  return call.then(
    () => Promise.reject(new Error('the call did not fail')),
    (error) => error as Record<string, unknown>,
  );
}
