import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { chown, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { setTimeout as sleep } from 'node:timers/promises';
import { findServerAccount } from '@holdfast/embedded-postgres';
import getPort from 'get-port';
import { Client } from 'pg';

/** A PgBouncer in transaction mode in front of a PostgreSQL server. */
export interface PgBouncer {
  /** Converts the URL of a database on the server to the URL through PgBouncer. */
  toUrl(url: string): string;
  stop(): Promise<void>;
}

export interface PgBouncerOptions {
  /** URL of any database on the server. Its role is the only one that can log in through PgBouncer. */
  url: string;
  /** Maximum server connections per database. Default: 4. */
  poolSize?: number;
  /** Maximum client connections. Default: 1,000. */
  maxClients?: number;
}

/**
 * Finds the program: `TEST_POOLER` if it is set (and then the program must exist), else `pgbouncer` on the path, or at the
 * path that Debian uses. Returns undefined if there is no such program.
 */
export function findPgBouncer(): string | undefined {
  const configured = process.env['TEST_POOLER'];
  if (configured) return configured;
  return ['pgbouncer', '/usr/sbin/pgbouncer'].find((program) => spawnSync(program, ['--version']).status === 0);
}

/** Starts a PgBouncer with its default settings, apart from transaction mode and the limits. */
export async function openPgBouncer({ url, poolSize = 4, maxClients = 1_000 }: PgBouncerOptions): Promise<PgBouncer> {
  const program = findPgBouncer();
  if (program === undefined)
    throw new Error('PgBouncer is not installed. Install pgbouncer, or set TEST_POOLER to its path.');
  const { hostname, port, username, password } = new URL(url);
  const folder = await mkdtemp(join(tmpdir(), 'holdfast-pgbouncer-'));
  // PgBouncer refuses to run as root.
  const account = await findServerAccount(folder);
  // PgBouncer cannot listen on a port that the system chooses (port 0).
  const listenPort = await getPort({ host: '127.0.0.1' });
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

  // The path is relative, because a parent folder may be accessible to root only.
  const child = spawn(program, ['pgbouncer.ini'], { ...account, cwd: folder, stdio: ['ignore', 'ignore', 'pipe'] });
  const kill = () => child.kill('SIGKILL');
  // A test run that does not call `stop` must not leave the process behind.
  process.once('exit', kill);
  const ended = once(child, 'exit').then(
    () => '',
    ({ message }: Error) => message,
  );
  const log = text(child.stderr);
  const toUrl = (other: string) =>
    Object.assign(new URL(other), { hostname: '127.0.0.1', port: String(listenPort) }).href;
  const stop = async () => {
    process.off('exit', kill);
    kill();
    await ended;
    await rm(folder, { recursive: true, force: true });
  };
  const deadline = Date.now() + 10_000;
  while (!(await acceptsConnections(toUrl(url)))) {
    if (child.pid !== undefined && child.exitCode === null && Date.now() < deadline) {
      await sleep(20);
      continue;
    }
    await stop();
    throw new Error(`${program} did not start: ${(await ended) || (await log)}`);
  }
  return { toUrl, stop };
}

async function acceptsConnections(url: string): Promise<boolean> {
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
