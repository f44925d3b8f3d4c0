import { execFile } from 'node:child_process';
import { chown, rm, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { promisify } from 'node:util';
import { openScratchServer } from '@holdfast/embedded-postgres';
import { Client } from 'pg';

/** A primary and a standby that follows it by streaming replication. Both are empty. */
export interface ReplicatedServer {
  readonly primaryUrl: string;
  readonly standbyUrl: string;
  /** Stops the replay of changes on the standby. */
  pause(): Promise<void>;
  resume(): Promise<void>;
  stopStandby(): Promise<void>;
  stop(): Promise<void>;
}

/** Starts both servers. @throws {EmbeddedPostgresError} if no server can run. */
export async function openReplicatedServer(): Promise<ReplicatedServer> {
  const primary = await openScratchServer();
  const { hostname, port, username, password } = new URL(primary.adminUrl);
  const settings = {
    primary_conninfo: `host=${hostname} port=${port} user=${username} password=${password} sslmode=disable`,
    // Reads of tests never end because of changes that wait to be replayed.
    max_standby_streaming_delay: '-1',
  };
  const standby = await openScratchServer({
    settings,
    prepare: (dataDir) => copyCluster(primary, dataDir),
  }).catch(async (error: unknown) => {
    await primary.stop();
    throw error;
  });
  const admin = new Client({ connectionString: standby.adminUrl });
  admin.on('error', () => {});
  await admin.connect();
  const stopStandby = async () => {
    await admin.end();
    await standby.stop();
  };
  return {
    primaryUrl: primary.url,
    standbyUrl: standby.url,
    async pause() {
      await admin.query('select pg_wal_replay_pause()');
      const isPaused = async () =>
        (await admin.query(`select from (select pg_get_wal_replay_pause_state() as state) where state = 'paused'`))
          .rowCount === 1;
      while (!(await isPaused())) await sleep(5);
    },
    async resume() {
      await admin.query('select pg_wal_replay_resume()');
    },
    stopStandby,
    async stop() {
      await stopStandby().catch(() => {});
      await primary.stop();
    },
  };
}

/** Makes a base backup as the manual describes in "Making a Base Backup Using the Low Level API". */
async function copyCluster(source: { adminUrl: string; dataDir: string }, dataDir: string): Promise<void> {
  const target = join(dataDir, 'postgres');
  const client = new Client({ connectionString: source.adminUrl });
  await client.connect();
  try {
    await client.query(`select pg_backup_start('standby', true)`);
    // Keeps the owner of the files, since PostgreSQL can run as another user than the tests.
    await promisify(execFile)('cp', ['-a', join(source.dataDir, 'postgres'), target]);
    const { uid, gid } = await stat(target);
    const write = async (name: string, text: string) => {
      await writeFile(join(target, name), text);
      await chown(join(target, name), uid, gid);
    };
    const { rows } = await client.query<{ labelfile: string }>('select labelfile from pg_backup_stop()');
    await write('backup_label', rows[0]!.labelfile);
    await write('standby.signal', '');
  } finally {
    await client.end();
  }
  // With the options of the primary, the standby would choose its port.
  for (const name of ['postmaster.pid', 'postmaster.opts']) await rm(join(target, name), { force: true });
}
