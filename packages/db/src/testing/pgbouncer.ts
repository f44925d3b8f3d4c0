import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { chown, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { setTimeout as sleep } from 'node:timers/promises';
import { findServerAccount } from '@holdfast/embedded-postgres';
import { Client } from 'pg';

/** A PgBouncer in transaction mode before a PostgreSQL. */
export interface Pooler {
  /** Any database's URL on that server, by way of the pooler. */
  through(url: string): string;
  stop(): Promise<void>;
}

export interface PoolerOptions {
  /** To any database of the server, as the one role that may log in. */
  url: string;
  /** Connections to the server, for each database. Default 4. */
  poolSize?: number;
  /** Connections that clients may have. Default 1,000. */
  maxClients?: number;
}

/**
 * The program: what `TEST_POOLER` names, which then has to be there, else a `pgbouncer` on the path or where Debian has it.
 * Undefined where there is none.
 */
export function findPooler(): string | undefined {
  const named = process.env['TEST_POOLER'];
  if (named) return named;
  return ['pgbouncer', '/usr/sbin/pgbouncer'].find((program) => spawnSync(program, ['--version']).status === 0);
}

/** Starts a PgBouncer, with nothing in its settings that makes it more forgiving than it comes. */
export async function openPooler({ url, poolSize = 4, maxClients = 1_000 }: PoolerOptions): Promise<Pooler> {
  const program = findPooler();
  if (program === undefined) throw new Error('pgbouncer is not installed');
  const { hostname, port, username, password } = new URL(url);
  const folder = await mkdtemp(join(tmpdir(), 'holdfast-pooler-'));
  // PgBouncer refuses to run as root.
  const account = await findServerAccount(folder);
  const listenPort = await findFreePort();
  const write = async (name: string, lines: string[]) => {
    const path = join(folder, name);
    await writeFile(path, `${lines.join('\n')}\n`, { mode: 0o600 });
    if (account !== undefined) await chown(path, account.uid, account.gid);
  };
  await write('users.txt', [`"${decodeURIComponent(username)}" "${decodeURIComponent(password)}"`]);
  await write('pgbouncer.ini', [
    '[databases]',
    `* = host=${hostname} port=${port || 5432}`,
    '[pgbouncer]',
    'listen_addr = 127.0.0.1',
    `listen_port = ${listenPort}`,
    'unix_socket_dir =',
    `auth_type = ${password === '' ? 'trust' : 'scram-sha-256'}`,
    'auth_file = users.txt',
    'pool_mode = transaction',
    `default_pool_size = ${poolSize}`,
    `max_client_conn = ${maxClients}`,
  ]);
  if (account !== undefined) await chown(folder, account.uid, account.gid);

  // From its folder by name: the way there may be one that only root can go.
  const child = spawn(program, ['pgbouncer.ini'], { ...account, cwd: folder, stdio: ['ignore', 'ignore', 'pipe'] });
  const kill = () => child.kill('SIGKILL');
  // Tests that end without stopping it shall not leave it behind.
  process.once('exit', kill);
  const ended = once(child, 'exit').then(
    () => '',
    ({ message }: Error) => message,
  );
  const log = text(child.stderr);
  const through = (other: string) =>
    Object.assign(new URL(other), { hostname: '127.0.0.1', port: String(listenPort) }).href;
  const stop = async () => {
    process.off('exit', kill);
    kill();
    await ended;
    await rm(folder, { recursive: true, force: true });
  };
  const deadline = Date.now() + 10_000;
  while (!(await isAnswering(through(url)))) {
    if (child.pid !== undefined && child.exitCode === null && Date.now() < deadline) {
      await sleep(20);
      continue;
    }
    await stop();
    throw new Error(`${program} did not start: ${(await ended) || (await log)}`);
  }
  return { through, stop };
}

async function isAnswering(url: string): Promise<boolean> {
  const client = new Client({ connectionString: url, connectionTimeoutMillis: 5_000 });
  client.on('error', () => {});
  try {
    await client.connect();
    return true;
  } catch {
    return false;
  } finally {
    await client.end().catch(() => {});
  }
}

/** PgBouncer takes no port of the system's choice. */
async function findFreePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  server.close();
  await once(server, 'close');
  return (address as { port: number }).port;
}
