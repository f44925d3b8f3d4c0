import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { createClient, type HoldfastWithSignIn } from '@holdfast/client';
import { dropDatabase, openTestDatabase, terminateClientsSql } from '@holdfast/db/testing';
import { Client } from 'pg';
import { inject, onTestFinished } from 'vitest';
import { launchHoldfast, openProxy, password, type Proxy } from '../fixture.ts';

/** A server that a test can restart, and whose database it can set back to an earlier state. */
export interface World {
  /** Proxies in front of the server, one for each device. They follow it to its next port. */
  proxies: Proxy[];
  restart(): Promise<void>;
  /** Remembers the state of the database. */
  takeSnapshot(): Promise<void>;
  /** Sets the database back to the snapshot. */
  restore(): Promise<void>;
  /** IDs of the accepted operations of all users. */
  findAccepted(): Promise<Set<string>>;
  /** A client without faults. */
  signIn(email: string): Promise<HoldfastWithSignIn>;
}

async function query<Row extends object>(url: string, sql: string, role?: string): Promise<Row[]> {
  const client = new Client({ connectionString: url });
  await client.connect();
  try {
    if (role) await client.query(`set role ${role}`);
    return (await client.query<Row>(sql)).rows;
  } finally {
    await client.end();
  }
}

export async function openWorld(devices: number): Promise<World> {
  const admin = inject('testServer').url;
  const first = await openTestDatabase(inject('testServer'));
  const names = [new URL(first.url).pathname.slice(1)];
  let name = names[0]!;
  const toUrl = () => Object.assign(new URL(first.url), { pathname: `/${name}` }).href;
  const copy = async (source: string) => {
    const target = `test_${randomUUID().replaceAll('-', '')}`;
    await query(admin, `create database ${target} template ${source}`);
    names.push(target);
    return target;
  };

  let server = await launchHoldfast({ DATABASE_URL: toUrl() });
  const proxies = await Promise.all(Array.from({ length: devices }, () => openProxy(server.url)));
  let snapshot = '';
  onTestFinished(async () => {
    await server.stop();
    for (const name of names) await dropDatabase(admin, name);
  });

  async function whileStopped(work: () => Promise<void>): Promise<void> {
    await server.stop();
    // A killed server leaves connections, which would prevent a copy.
    await query(admin, terminateClientsSql(name));
    await work();
    server = await launchHoldfast({ DATABASE_URL: toUrl() });
    for (const proxy of proxies) proxy.target = server.url;
  }

  return {
    proxies,
    restart: () => whileStopped(async () => {}),
    takeSnapshot: () => whileStopped(async () => void (snapshot = await copy(name))),
    restore: () => whileStopped(async () => void (name = await copy(snapshot))),
    async findAccepted() {
      const sql = 'select operation_id as id from changes where operation_id is not null';
      const rows = await query<{ id: string }>(toUrl(), sql, 'holdfast_tools');
      return new Set(rows.map(({ id }) => id));
    },
    async signIn(email) {
      const holdfast = createClient({ url: server.url });
      await holdfast.signIn({ email, password });
      return holdfast;
    },
  };
}

/** Resolves after the next request to the proxy, or after a moment without one. */
export async function nextRequest(proxy: Proxy): Promise<void> {
  const count = proxy.seen.length;
  for (let waits = 0; waits < 5 && proxy.seen.length === count; waits += 1) {
    await once(AbortSignal.timeout(5), 'abort');
  }
}
