import { openDatabase } from '@holdfast/db';
import { type FaultProxy, openFaultProxy, openTestDatabase } from '@holdfast/db/testing';
import { afterAll, inject } from 'vitest';
import { parseEnv } from '../src/env.ts';
import { serve } from '../src/serve.ts';
import { createShutdown, type Shutdown } from '../src/shutdown.ts';
import { createLogger } from '../src/telemetry/logger.ts';
import type { WebApp } from '../src/web/app.ts';
import { collectLines, end, makeDataDir, startServer, workersOfRun } from './running-server.ts';

export const secret = 'a secret that only the tests know, 123';

export interface TestServer {
  url: string;
  databaseUrl: string;
  shutdown: Pick<Shutdown, 'close'>;
  /** All log lines so far. */
  log: Record<string, unknown>[];
}

/**
 * Starts the server in this process as `main` does, or with several workers in processes of their own if the run asks for it.
 * Creates a database unless `env` names one.
 */
export async function openServer(env: Record<string, string> = {}, webApp?: WebApp): Promise<TestServer> {
  const databaseUrl = env['DATABASE_URL'] ?? (await openDatabaseUrl());
  const all = { PORT: '0', LOG_LEVEL: 'debug', DATABASE_CONNECT_TIMEOUT_MS: '2000', ...env };
  const log: Record<string, unknown>[] = [];
  // Each worker needs a connection, and cannot get a web app of the test.
  const canHaveWorkers = Number(env['DATABASE_POOL_MAX'] ?? 10) >= Number(workersOfRun) && webApp === undefined;
  if (workersOfRun !== '1' && env['WORKERS'] !== '1' && canHaveWorkers)
    return openWorkers({ ...all, DATABASE_URL: databaseUrl }, log);
  const settings = parseEnv(all);
  const logger = createLogger(settings.logLevel, { write: (line) => void log.push(JSON.parse(line)) });
  const shutdown = createShutdown(logger);
  afterAll(() => shutdown.close());
  const url = await serve({ settings, databaseUrl, secret, logger, shutdown, ...(webApp && { webApp }) });
  return { url, databaseUrl, shutdown, log };
}

/** The log of the processes arrives up to a fifth of a second after the event. */
async function openWorkers(
  env: Record<string, string> & { DATABASE_URL: string },
  log: Record<string, unknown>[],
): Promise<TestServer> {
  const server = await startServer({
    AUTH_SECRET: secret,
    HOLDFAST_DATA_DIR: await makeDataDir(),
    WEB_APP: 'false',
    ...env,
  });
  collectLines(server, log);
  const close = async () => void (await end(server.process, 'SIGTERM'));
  return { url: server.base, databaseUrl: env.DATABASE_URL, shutdown: { close }, log };
}

/** Creates a migrated database for this test file, and returns its URL. */
export async function openDatabaseUrl(): Promise<string> {
  const database = await openTestDatabase(inject('testServer'));
  afterAll(() => database.drop());
  return database.url;
}

/** Runs SQL as the owner of the database. */
export async function alterDatabase(databaseUrl: string, sql: string): Promise<void> {
  const db = await openDatabase({ url: databaseUrl });
  try {
    await db.acrossAllUsers((em) => em.execute(`reset role; ${sql}`), { write: true });
  } finally {
    await db.close();
  }
}

/** Opens a proxy to a database that the test can disturb. */
export async function openFaultProxyTo(databaseUrl: string): Promise<FaultProxy> {
  const proxy = await openFaultProxy(databaseUrl);
  afterAll(() => proxy.close());
  return proxy;
}

export async function post(url: string, body: unknown, headers: Record<string, string> = {}): Promise<Response> {
  return fetch(url, {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...headers },
    body: typeof body === 'string' || body instanceof Blob ? body : JSON.stringify(body),
  });
}

export const password = 'correct horse';

/** Creates an account, and returns its session token, session cookie and a JWT. */
export async function signUp(url: string, email: string) {
  const response = await post(`${url}/api/auth/sign-up/email`, { name: 'Ada', email, password });
  const { token: session, user } = (await response.json()) as { token: string; user: { id: string } };
  const cookie = response.headers.getSetCookie()[0]!.split(';')[0]!;
  const signed = response.headers.get('set-auth-token')!;
  const tokenResponse = await fetch(`${url}/api/auth/token`, { headers: { authorization: `Bearer ${session}` } });
  const { token: jwt } = (await tokenResponse.json()) as { token: string };
  return { id: user.id, session, signed, cookie, jwt };
}

/** Calls `user.me` with these headers, and returns the status and the user or the error. */
export async function me(url: string, headers: Record<string, string>) {
  const response = await fetch(`${url}/trpc/user.me`, { headers });
  const { result, error } = (await response.json()) as { result?: { data: unknown }; error?: { data: unknown } };
  return { status: response.status, body: result?.data ?? error?.data };
}
