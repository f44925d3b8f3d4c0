import { once } from 'node:events';
import { createServer, type IncomingMessage, request, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { fileURLToPath } from 'node:url';
import { type ClientOptions, createClient, type HoldfastWithSignIn, type SessionStorage } from '@holdfast/client';
import { type LaunchedServer, launchServer, openTestDatabase } from '@holdfast/db/testing';
import getPort from 'get-port';
import { afterAll, expect, inject } from 'vitest';

const main = fileURLToPath(import.meta.resolve('@holdfast/server/src/main.ts'));

const stops: (() => Promise<void>)[] = [];

// Registered here, because Vitest never calls a hook that a running test registers.
afterAll(async () => {
  for (const stop of stops) await stop();
});

/** Starts the real server in a process and with a new database. Returns its URL. */
export async function startServer(settings: Record<string, string> = {}): Promise<string> {
  const database = await openTestDatabase(inject('testServer'));
  const { url, stop } = await launchHoldfast({ DATABASE_URL: database.url, ...settings });
  stops.push(async () => {
    await stop();
    await database.drop();
  });
  return url;
}

/** Starts the real server in a process. */
export function launchHoldfast(settings: Record<string, string>): Promise<LaunchedServer> {
  return launchServer(main, { PORT: '0', AUTH_SECRET: 'a secret that only the tests know, 123', ...settings });
}

/** Outcome of a request. An object is a response of the proxy. */
export type Fate =
  | 'pass'
  | 'duplicate'
  | 'lose response'
  | 'cut'
  | 'hang'
  | { status: number; headers?: Record<string, string>; body: unknown };

/** A proxy in front of the server that a test can make fail. */
export interface Proxy {
  url: string;
  /** URL of the server. */
  target: string;
  /** Method and path of each request, without the query. */
  seen: string[];
  /** Arrival of each request, in milliseconds. */
  times: number[];
  decide: (path: string, count: number) => Fate;
}

export async function openProxy(target: string): Promise<Proxy> {
  const proxy: Proxy = { url: '', target, seen: [], times: [], decide: () => 'pass' };
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
    const { hostname, port } = new URL(proxy.target);
    if (fate === 'duplicate') {
      const copy = request({ hostname, port, method, headers, path: url }, (response) => response.resume());
      req.pipe(copy.on('error', () => {}));
    }
    const forwarded = request({ hostname, port, method, headers, path: url }, (response) => {
      if (fate === 'lose response') {
        response.resume().on('end', () => req.socket.destroy());
        return;
      }
      res.writeHead(response.statusCode!, response.headers);
      response.on('error', () => res.destroy()).pipe(res);
    });
    forwarded.on('error', () => req.socket.destroy());
    req.pipe(forwarded);
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

/** URL of a port on which no server listens. */
export const findClosedPort = async () => `http://127.0.0.1:${await getPort({ host: '127.0.0.1' })}`;

/** An error response in the server's shape. */
export function refusal(code: string, httpStatus: number, more: object = {}): Fate {
  const data = { code, httpStatus, path: null, requestId: 'made-up', validation: null, ...more };
  return { status: httpStatus, body: { error: { code: -32000, message: `made up: ${code}`, data } } };
}

let people = 0;
export const password = 'correct horse';

/** Signs up a new user through the proxy and empties the proxy's list of requests. */
export async function signUpClient(proxy: Proxy, options: Partial<ClientOptions> = {}): Promise<HoldfastWithSignIn> {
  const holdfast = createClient({ url: proxy.url, ...options });
  await holdfast.signUp({ name: 'Ada', email: `ada${(people += 1)}@example.org`, password });
  proxy.seen.length = proxy.times.length = 0;
  return holdfast;
}

/** A session storage in memory. */
export function createStorage(): SessionStorage & { stored: string | null } {
  return {
    stored: null,
    load() {
      return this.stored;
    },
    save(session) {
      this.stored = session;
    },
  };
}

/** Signs up a new user and returns the user's session. */
export async function createAccount(proxy: Proxy): Promise<{ email: string; session: string }> {
  const storage = createStorage();
  const { email } = await (await signUpClient(proxy, { storage })).user.me();
  return { email: email!, session: storage.stored! };
}

/** Ends all sessions of a user from another device, which reaches the server without the proxy. */
export async function endSessions({ target }: Proxy, email: string): Promise<void> {
  const storage = createStorage();
  await createClient({ url: target, storage }).signIn({ email, password });
  const headers = { authorization: `Bearer ${storage.stored}`, 'content-type': 'application/json' };
  const response = await fetch(`${target}/api/auth/revoke-sessions`, { method: 'POST', headers, body: '{}' });
  expect(response.status).toBe(200);
}

/** A `fetch` that holds each response whose URL contains `part` until the test calls its function in `held`. */
export function openGate(part: string): { fetch: typeof fetch; held: (() => void)[] } {
  const held: (() => void)[] = [];
  return {
    held,
    async fetch(...request) {
      const response = await fetch(...request);
      if (response.url.includes(part)) await new Promise<void>((resolve) => held.push(resolve));
      return response;
    },
  };
}

/** The error of a failed call. */
export async function errorOf(call: Promise<unknown>): Promise<Record<string, unknown>> {
  return call.then(
    () => Promise.reject(new Error('The call did not fail.')),
    (error) => error as Record<string, unknown>,
  );
}
