import { randomBytes } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { withDatabase } from '../connection/client-config.ts';
import { detach, openConnection } from '../connection/dedicated-client.ts';

/** A temporary database. */
export interface ScratchDatabase {
  readonly url: string;
  drop(): Promise<void>;
}

export interface ScratchDatabaseOptions {
  /** Prefix of the database name. It identifies databases that a crash left behind. */
  readonly prefix: string;
  readonly template: string;
  /** Ends the wait for a server that does not respond. */
  readonly signal?: AbortSignal | undefined;
}

/** Creates a temporary database on the server of the URL. The user needs CREATEDB. */
export async function openScratchDatabase(
  url: string,
  { prefix, template, signal }: ScratchDatabaseOptions,
): Promise<ScratchDatabase> {
  const name = `${prefix}_${randomBytes(16).toString('hex')}`;
  await executeOnce(url, `create database ${name} template ${template}`, signal);
  return { url: withDatabase(url, name), drop: () => dropDatabase(url, name) };
}

const dropWaitMs = 5_000;

/** Retries for 5 seconds: the drop fails while another role is connected, for example autovacuum, which soon disconnects. */
export async function dropDatabase(url: string, name: string): Promise<void> {
  const until = performance.now() + dropWaitMs;
  for (;;) {
    try {
      return await executeOnce(url, `drop database if exists ${name} with (force)`);
    } catch (error) {
      if (performance.now() > until) throw error;
      await sleep(250);
    }
  }
}

/** Runs one statement on a separate connection. */
export async function executeOnce(url: string, sql: string, signal?: AbortSignal): Promise<void> {
  const client = await openConnection(url, signal);
  // After an abort PostgreSQL would still create the database, and no one would drop it.
  detach(client);
  try {
    await client.query(sql);
  } finally {
    await client.end();
  }
}
