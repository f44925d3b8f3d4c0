import { fileURLToPath } from 'node:url';
import { type LaunchedServer, launchServer, openTestDatabase } from '@holdfast/db/testing';
import getPort from 'get-port';
import { afterAll, inject } from 'vitest';

const main = fileURLToPath(import.meta.resolve('@holdfast/server/src/main.ts'));

/** A server with the built app and a database of its own. */
export interface Server {
  /** Origin of the page. The browser of the tests resolves its name, which is not local, so that the app expects a network. */
  origin: string;
  /** The same server for requests of the test. */
  url: string;
  databaseUrl: string;
  /** Kills the process. */
  stop(): Promise<void>;
  /** Starts it again, at the same address. */
  start(): Promise<void>;
}

/** Starts a server until the end of the test file. Call it outside a test. */
export async function openServer(settings: Record<string, string> = {}): Promise<Server> {
  const database = await openTestDatabase(inject('testServer'));
  const port = await getPort({ host: '127.0.0.1' });
  const origin = `http://app.test:${port}`;
  const env = {
    AUTH_SECRET: 'a secret that only the tests know, 123',
    DATABASE_URL: database.url,
    PORT: String(port),
    PUBLIC_URL: origin,
    ...settings,
  };
  let server: LaunchedServer | undefined;
  const stop = async () => server?.stop();
  const start = async () => void (server = await launchServer(main, env));

  afterAll(async () => {
    await stop();
    await database.drop();
  });
  await start();
  return { origin, url: `http://127.0.0.1:${port}`, databaseUrl: database.url, stop, start };
}
