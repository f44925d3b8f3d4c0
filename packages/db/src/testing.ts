import { randomUUID } from 'node:crypto';
import type { TestProject } from 'vitest/node';
import { migrate } from './migrate.ts';
import { administer, dropDatabase, openScratchDatabase, type ScratchDatabase } from './scratch-database.ts';
import { openScratchServer } from './scratch-server.ts';

declare module 'vitest' {
  export interface ProvidedContext {
    testServer: TestServer;
  }
}

/** A PostgreSQL server for one run of tests, with a migrated database to clone. */
export interface TestServer {
  /** To a database for administration, as a role that may make databases. */
  url: string;
  /** The same as superuser, where there is one at hand. */
  superuserUrl: string | undefined;
  /** The migrated database that tests clone. */
  template: string;
}

/** A database of a test's own. */
export type TestDatabase = ScratchDatabase;

/**
 * For vitest's `globalSetup`: starts an embedded PostgreSQL, or uses the server at `TEST_DATABASE_URL`, and provides
 * it to every test file as `inject('testServer')`.
 */
export async function setup(project: TestProject): Promise<() => Promise<void>> {
  const outside = process.env['TEST_DATABASE_URL'];
  const server =
    outside === undefined || outside === ''
      ? await openScratchServer()
      : { url: outside, adminUrl: undefined, stop: async () => {} };
  const template = `holdfast_template_${randomUUID().slice(0, 8)}`;
  await administer(server.url, `create database ${template}`);
  await migrate({ url: withDatabase(server.url, template) });
  project.provide('testServer', { url: server.url, superuserUrl: server.adminUrl, template });
  return async () => {
    await dropDatabase(server.url, template);
    await server.stop();
  };
}

/** Clones the migrated database; with `empty`, makes a database with nothing in it. */
export function openTestDatabase(server: TestServer, options: { empty?: boolean } = {}): Promise<TestDatabase> {
  return openScratchDatabase(server.url, { prefix: 'test', template: options.empty ? 'template0' : server.template });
}

function withDatabase(url: string, name: string): string {
  const other = new URL(url);
  other.pathname = `/${name}`;
  return other.href;
}
