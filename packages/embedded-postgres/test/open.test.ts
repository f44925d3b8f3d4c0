import { readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { expect, onTestFinished, test, vi } from 'vitest';
import { openEmbeddedPostgres, openScratchServer } from '../src/index.ts';
import {
  copyCluster,
  findBackend,
  isRunning,
  makeFolder,
  open,
  query,
  readLog,
  settings,
} from './fixtures/embedded-server.ts';

test('data survives a stop and a start', async () => {
  const dataDir = makeFolder();
  const first = await openEmbeddedPostgres({ dataDir, settings });
  await query(first.url, "create table notes (words text); insert into notes values ('kept')");
  await first.stop();
  expect(await isRunning(dataDir, first.url)).toBe(false);

  const second = await open({ dataDir });

  expect(await query(second.url, 'select words from notes')).toEqual([{ words: 'kept' }]);
});

test('the role holdfast owns its database and cannot bypass row-level security', async () => {
  const { url } = await open({ dataDir: copyCluster() });

  const [role] = await query(
    url,
    'select rolname, rolsuper, rolbypassrls, rolcreaterole, rolcreatedb from pg_roles where rolname = current_user',
  );
  const [database] = await query(
    url,
    `select current_database() as name, pg_get_userbyid(datdba) as owner, pg_encoding_to_char(encoding) as encoding, datlocprovider as provider,
      datlocale as locale, current_setting('data_checksums') as checksums from pg_database where datname = current_database()`,
  );

  expect(role).toEqual({
    rolname: 'holdfast',
    rolsuper: false,
    rolbypassrls: false,
    rolcreaterole: true,
    rolcreatedb: true,
  });
  expect(database).toEqual({
    name: 'holdfast',
    owner: 'holdfast',
    encoding: 'UTF8',
    provider: 'b',
    locale: 'C.UTF-8',
    checksums: 'on',
  });
});

test.runIf(process.platform === 'linux')(
  'the processes of the server and the watchdog do not receive the secrets of this process',
  async () => {
    onTestFinished(() => void vi.unstubAllEnvs());
    vi.stubEnv('AUTH_SECRET', 'the secret of sign-in');
    vi.stubEnv('METRICS_TOKEN', 'the secret of metrics');
    vi.stubEnv('PGOPTIONS', '-c work_mem=64kB');
    const server = await openScratchServer();
    onTestFinished(() => server.stop());
    const processes = findProcesses(server.dataDir);
    expect(processes.map(({ command }) => command.split(' ')[0]!.split('/').at(-1))).toEqual(
      expect.arrayContaining(['postgres', 'node']),
    );
    for (const { environment } of processes) {
      expect(environment.filter((entry) => /^(?:AUTH_|METRICS_|PG|DATABASE)|secret/.test(entry))).toEqual([]);
    }
  },
);

const readProcess = (id: string, file: string) => readFileSync(`/proc/${id}/${file}`, 'utf8').split('\0');

/** The watchdog, the server and its processes. */
function findProcesses(dataDir: string): { command: string; environment: string[] }[] {
  const pid = readFileSync(join(dataDir, 'postgres/postmaster.pid'), 'utf8').split('\n')[0]!;
  return readdirSync('/proc')
    .filter((id) => /^\d+$/.test(id))
    .flatMap((id) => {
      try {
        const command = readProcess(id, 'cmdline').join(' ');
        const parent = /\) \w (\d+)/.exec(readProcess(id, 'stat').join(''))?.[1];
        const isOurs = id === pid || parent === pid || command.includes(`watchdog.ts ${dataDir}`);
        return isOurs ? [{ command, environment: readProcess(id, 'environ') }] : [];
      } catch {
        return [];
      }
    });
}

test('a wrong password is refused, and only the owner can read the password file', async () => {
  const dataDir = copyCluster();
  const { url } = await open({ dataDir });

  await expect(query(url.replace(/:[^:@]+@/, ':wrong@'), 'select 1')).rejects.toMatchObject({ code: '28P01' });
  expect(statSync(join(dataDir, 'postgres/holdfast-passwords.json')).mode & 0o777).toBe(0o600);
});

test('the server log contains no text from statements', async () => {
  const dataDir = copyCluster();
  const { url } = await open({ dataDir });
  await query(url, 'create table notes (words text unique, amount integer check (amount > 0))');
  const statements = [
    "insert into notes values ('my secret', 1), ('my secret', 1)",
    "insert into notes values ('my secret', -1)",
    "select 'my secret'::uuid",
    'select * from "my secret"',
    "do $$ begin raise warning 'my secret'; end $$",
  ];
  for (const statement of statements) await query(url, statement).catch(() => {});
  const dying = query(url, "select pg_sleep(60), 'my secret'").catch(() => {});
  process.kill(await findBackend(url, '%my secret%'), 'SIGKILL');
  await dying;
  await expect.poll(() => readLog(dataDir)).toMatch(/terminated by signal 9[^]*ready to accept connections/);

  expect(readLog(dataDir)).not.toContain('secret');
});
