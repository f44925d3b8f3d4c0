import { randomBytes } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { openConnection, spare } from '../connection/dedicated-client.ts';

/** A database that is there for one piece of work. */
export interface ScratchDatabase {
  readonly url: string;
  drop(): Promise<void>;
}

export interface ScratchDatabaseOptions {
  /** What its name begins with, so that people know it when they see one that was left behind. */
  readonly prefix: string;
  readonly template: string;
  /** Ends the waiting for a server that does not answer. */
  readonly signal?: AbortSignal | undefined;
}

/** Makes a database on the server that the URL names, whose user must be allowed to. */
export async function openScratchDatabase(
  url: string,
  { prefix, template, signal }: ScratchDatabaseOptions,
): Promise<ScratchDatabase> {
  const name = `${prefix}_${randomBytes(16).toString('hex')}`;
  await administer(url, `create database ${name} template ${template}`, signal);
  return { url: Object.assign(new URL(url), { pathname: `/${name}` }).href, drop: () => dropDatabase(url, name) };
}

const dropPatienceMs = 5_000;

/** Forcing connections out is refused while one is not this role's, as autovacuum's is not: it will be gone soon. */
export async function dropDatabase(url: string, name: string): Promise<void> {
  const until = performance.now() + dropPatienceMs;
  for (;;) {
    try {
      return await administer(url, `drop database if exists ${name} with (force)`);
    } catch (error) {
      if (performance.now() > until) throw error;
      await sleep(250);
    }
  }
}

export async function administer(url: string, sql: string, signal?: AbortSignal): Promise<void> {
  const client = await openConnection(url, signal);
  // PostgreSQL would go on making a database, and nobody would drop it.
  spare(client);
  try {
    await client.query(sql);
  } finally {
    await client.end();
  }
}
