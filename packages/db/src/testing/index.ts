import { randomUUID } from 'node:crypto';
import { openScratchServer } from '@holdfast/embedded-postgres';
import type { TestProject } from 'vitest/node';
import { migrate } from '../schema/migrate.ts';
import { administer, dropDatabase, openScratchDatabase, type ScratchDatabase } from '../scratch/database.ts';
import { findPgBouncer, openPgBouncer } from './pgbouncer.ts';

export { type FaultProxy, openFaultProxy } from './fault-proxy.ts';
export { readDocsTable } from './docs-table.ts';
export { findPgBouncer, openPgBouncer };

declare module 'vitest' {
  export interface ProvidedContext {
    testServer: TestServer;
  }
}

/** The PostgreSQL server of one test run, with a migrated template database. */
export interface TestServer {
  /** URL of a database for administration, for a role that may create databases. */
  url: string;
  /** The same database as the superuser; undefined if the run has no superuser. */
  superuserUrl: string | undefined;
  /** `url` through PgBouncer, if this test run uses PgBouncer. */
  pooledUrl: string | undefined;
  /** Name of the migrated database that tests clone. */
  template: string;
}

/** Returns a row for each connection to the current database that waits for a lock. */
export const waitingForLocksSql = `select pid from pg_locks group by pid
  having not bool_and(granted) and bool_or(database = (select oid from pg_database where datname = current_database()))`;

/** A database for one test or one test file. */
export type TestDatabase = ScratchDatabase;

/**
 * For vitest's `globalSetup`: starts an embedded PostgreSQL, or uses the server at `TEST_DATABASE_URL`. Test files get it
 * with `inject('testServer')`.
 */
export async function setup(project: TestProject): Promise<() => Promise<void>> {
  const { server, stop } = await openServer();
  project.provide('testServer', server);
  return stop;
}

/** For vitest's `globalSetup`: like `setup`, with a PgBouncer in transaction mode in front of the server. */
export async function setupPooled(project: TestProject): Promise<() => Promise<void>> {
  const { server, stop } = await openServer();
  const pgBouncer = await openPgBouncer({ url: server.url }).catch(async (error: unknown) => {
    await stop();
    throw error;
  });
  project.provide('testServer', { ...server, pooledUrl: pgBouncer.toUrl(server.url) });
  return async () => {
    await pgBouncer.stop();
    await stop();
  };
}

async function openServer(): Promise<{ server: TestServer; stop: () => Promise<void> }> {
  const outside = process.env['TEST_DATABASE_URL'];
  const { url, adminUrl, stop } = outside
    ? { url: outside, adminUrl: undefined, stop: async () => {} }
    : await openScratchServer();
  const template = `holdfast_template_${randomUUID().slice(0, 8)}`;
  await administer(url, `create database ${template}`);
  await migrate({ url: withDatabase(url, template) });
  return {
    server: { url, superuserUrl: adminUrl, pooledUrl: undefined, template },
    stop: async () => {
      await dropDatabase(url, template);
      await stop();
    },
  };
}

/** Clones the migrated template database, or creates an empty database if `empty` is true. */
export async function openTestDatabase(server: TestServer, options: { empty?: boolean } = {}): Promise<TestDatabase> {
  const template = options.empty ? 'template0' : server.template;
  const database = await openScratchDatabase(server.url, { prefix: 'test', template });
  const name = new URL(database.url).pathname.slice(1);
  return { ...database, url: withDatabase(server.pooledUrl ?? server.url, name) };
}

function withDatabase(url: string, name: string): string {
  return Object.assign(new URL(url), { pathname: `/${name}` }).href;
}
