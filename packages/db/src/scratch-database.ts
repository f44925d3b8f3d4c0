import { randomBytes } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { Client } from 'pg';
import { toClientConfig } from './connection.ts';

/** A database that is there for one piece of work. */
export interface ScratchDatabase {
  readonly url: string;
  drop(): Promise<void>;
}

export interface ScratchDatabaseOptions {
  /** What its name begins with, so that people know it when they see one that was left behind. */
  readonly prefix: string;
  readonly template: string;
}

const connectTimeoutMs = 15_000;

/** Makes a database on the server that the URL names, whose user must be allowed to. */
export async function openScratchDatabase(
  url: string,
  { prefix, template }: ScratchDatabaseOptions,
): Promise<ScratchDatabase> {
  const name = `${prefix}_${randomBytes(16).toString('hex')}`;
  await administer(url, `create database ${name} template ${template}`);
  return { url: Object.assign(new URL(url), { pathname: `/${name}` }).href, drop: () => dropDatabase(url, name) };
}

/** Forcing connections out is refused while one is not this role's, as autovacuum's is not: it will be gone soon. */
export async function dropDatabase(url: string, name: string): Promise<void> {
  for (let attempt = 1; ; attempt++) {
    try {
      return await administer(url, `drop database if exists ${name} with (force)`);
    } catch (error) {
      if (attempt === 20) throw error;
      await sleep(250);
    }
  }
}

export async function administer(url: string, sql: string): Promise<void> {
  const client = new Client({ ...toClientConfig(url), connectionTimeoutMillis: connectTimeoutMs });
  client.on('error', () => {});
  await client.connect();
  try {
    await client.query(sql);
  } finally {
    await client.end();
  }
}
