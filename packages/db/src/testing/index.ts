import { randomUUID } from 'node:crypto';
import { openScratchServer } from '@holdfast/embedded-postgres';
import type { TestProject } from 'vitest/node';
import { withDatabase } from '../connection/client-config.ts';
import { migrate } from '../schema/migrate.ts';
import { dropDatabase, executeOnce, openScratchDatabase, type ScratchDatabase } from '../scratch/database.ts';
import { findCitus, openCitusDatabase } from './citus.ts';
import { changeDefaults } from './hostile-settings.ts';
import { findPgBouncer, openPgBouncer } from './pgbouncer.ts';

export { findBrowser } from './browser.ts';
export { type FaultProxy, openFaultProxy } from './fault-proxy.ts';
export { migrateUpTo } from './former-schema.ts';
export { findTablesWith } from './find-tables.ts';
export { createOneTimeCode } from './one-time-code.ts';
export { readDocsTable } from './docs-table.ts';
export { launchServer, type LaunchedServer } from './launch-server.ts';
export { programEnv } from './program-env.ts';
export { changeDefaults };
export { dropDatabase };
export { type CitusDatabase, findCitus, openCitusDatabase } from './citus.ts';
export { findPgBouncer, openPgBouncer };
export { openReplicatedServer, type ReplicatedServer } from './standby.ts';
export { wrapScope } from '../scope/user-scope.ts';

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
  /** The same as `url` by way of the pooler that the product goes through in this run, if it does. */
  pooledUrl: string | undefined;
  /** Whether databases of tests get unusual defaults for their settings. */
  changesDefaults: boolean;
  /** Whether the databases of tests are distributed over the nodes of a Citus cluster. */
  isCluster: boolean;
  /** The setting `holdfast.session_settings` of the databases of tests. Absent if it has no value. */
  sessionSettings: string | undefined;
  /** The migrated database that tests clone. */
  template: string;
}

/** Gives a row for each connection to the same database that waits for a lock. */
export const waitingForLocksSql = `select pid from pg_locks group by pid
  having not bool_and(granted) and bool_or(database = (select oid from pg_database where datname = current_database()))`;

/** Ends all connections of clients to the database. Only a superuser may end those of autovacuum, which end by themselves. */
export function terminateClientsSql(database: string): string {
  return `select pg_terminate_backend(pid) from pg_stat_activity
    where datname = '${database}' and pid <> pg_backend_pid() and backend_type = 'client backend'`;
}

/** A database of a test's own. */
export type TestDatabase = ScratchDatabase;

/**
 * For vitest's `globalSetup`: starts an embedded PostgreSQL, or uses the server at `TEST_DATABASE_URL`, and provides
 * it to every test file as `inject('testServer')`.
 */
export async function setup(project: TestProject): Promise<() => Promise<void>> {
  const { server, stop } = await openServer();
  project.provide('testServer', server);
  return stop;
}

/** For `globalSetup` as well: the same with a PgBouncer in transaction mode between the product and the server. */
export async function setupPooled(project: TestProject): Promise<() => Promise<void>> {
  const { server, stop } = await openServer();
  const pooler = await openPgBouncer({ url: server.url }).catch(async (error: unknown) => {
    await stop();
    throw error;
  });
  project.provide('testServer', { ...server, pooledUrl: pooler.toUrl(server.url) });
  return async () => {
    await pooler.stop();
    await stop();
  };
}

/**
 * For `globalSetup` as well: the databases of the tests, and their role, have defaults that Holdfast must not depend on. With a
 * superuser, the settings of transactions are sent in their second form, as on a Citus cluster.
 */
export async function setupHostile(project: TestProject): Promise<() => Promise<void>> {
  const { server, stop } = await openServer();
  const sessionSettings = server.superuserUrl === undefined ? undefined : 'statements';
  project.provide('testServer', { ...server, changesDefaults: true, sessionSettings });
  return stop;
}

/** For `globalSetup` as well: the databases of the tests are distributed over the nodes of the cluster of `TEST_CITUS_URL`. */
export function setupCitus(project: TestProject): void {
  const url = findCitus()!;
  project.provide('testServer', { ...bareServer, url, superuserUrl: url, isCluster: true });
}

const bareServer = {
  superuserUrl: undefined,
  pooledUrl: undefined,
  changesDefaults: false,
  isCluster: false,
  sessionSettings: undefined,
  template: '',
};

async function openServer(): Promise<{ server: TestServer; stop: () => Promise<void> }> {
  const outside = process.env['TEST_DATABASE_URL'];
  const { url, adminUrl, stop } = outside
    ? { url: outside, adminUrl: undefined, stop: async () => {} }
    : await openScratchServer();
  const template = `holdfast_template_${randomUUID().slice(0, 8)}`;
  await executeOnce(url, `create database ${template}`);
  await migrate({ url: withDatabase(url, template) });
  return {
    server: {
      ...bareServer,
      url,
      superuserUrl: adminUrl,
      sessionSettings: process.env['TEST_SESSION_SETTINGS'],
      template,
    },
    stop: async () => {
      await dropDatabase(url, template);
      await stop();
    },
  };
}

/** Clones the migrated database; with `empty`, makes a database with nothing in it. */
export async function openTestDatabase(server: TestServer, options: { empty?: boolean } = {}): Promise<TestDatabase> {
  if (server.isCluster) return openCitusDatabase(server.url, { migrated: options.empty !== true });
  const template = options.empty ? 'template0' : server.template;
  const database = await openScratchDatabase(server.url, { prefix: 'test', template });
  const name = new URL(database.url).pathname.slice(1);
  if (server.sessionSettings !== undefined) {
    // For the owner of a database, PostgreSQL refuses the names of other programs' settings.
    await executeOnce(
      server.superuserUrl ?? server.url,
      `alter database ${name} set holdfast.session_settings = '${server.sessionSettings}'`,
    );
  }
  if (server.changesDefaults) await changeDefaults(database.url, server);
  return { ...database, url: withDatabase(server.pooledUrl ?? server.url, name) };
}
