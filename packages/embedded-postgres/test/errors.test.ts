import { once } from 'node:events';
import { existsSync, mkdirSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type AddressInfo } from 'node:net';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import {
  cloneSources,
  copyCluster,
  makeFolder,
  catchOpenError,
  readStderr,
  spawnFixture,
} from './fixtures/embedded-server.ts';

test('a port that another program uses is refused with PORT_TAKEN', async () => {
  const listener = createServer().listen(0, '127.0.0.1');
  await once(listener, 'listening');
  onTestFinished(() => void listener.close());
  const { port } = listener.address() as AddressInfo;

  const error = await catchOpenError({ dataDir: copyCluster(), port });

  expect(error).toMatchObject({ code: 'PORT_TAKEN', message: expect.stringContaining(String(port)) });
});

test('data of another major version is refused with DATA_VERSION, which names both versions', async () => {
  const dataDir = makeFolder();
  mkdirSync(join(dataDir, 'postgres'));
  writeFileSync(join(dataDir, 'postgres/PG_VERSION'), '17\n');

  expect(await catchOpenError({ dataDir })).toMatchObject({
    code: 'DATA_VERSION',
    message: expect.stringMatching(/PostgreSQL 17.*PostgreSQL 18/),
  });
});

test('a folder with other files is refused with DATA_UNREADABLE and stays unchanged', async () => {
  const dataDir = makeFolder();
  mkdirSync(join(dataDir, 'postgres'));
  writeFileSync(join(dataDir, 'postgres/thesis.txt'), 'years of work');

  expect(await catchOpenError({ dataDir })).toMatchObject({
    code: 'DATA_UNREADABLE',
    message: expect.stringContaining('PG_VERSION'),
  });
  expect(readdirSync(join(dataDir, 'postgres'))).toEqual(['thesis.txt']);
});

test('a file in the place of the data folder is refused with DATA_UNREADABLE', async () => {
  const file = join(makeFolder(), 'file');
  writeFileSync(file, '');

  expect(await catchOpenError({ dataDir: file })).toMatchObject({
    code: 'DATA_UNREADABLE',
    message: expect.stringContaining(file),
  });
});

// mkdir with `recursive` never returns for these paths.
test.skipIf(!existsSync('/proc/self'))(
  'a data folder that cannot be created is refused with DATA_UNREADABLE',
  async () => {
    for (const dataDir of ['/proc/holdfast', '/proc/holdfast/data']) {
      expect(await catchOpenError({ dataDir })).toMatchObject({
        code: 'DATA_UNREADABLE',
        message: expect.stringContaining(`${dataDir} cannot be used: ENOENT`),
      });
    }
  },
);

test('a platform without binaries is refused with PLATFORM', async () => {
  const child = spawnFixture(makeFolder(), { script: join(cloneSources(), 'test/fixtures/open-embedded.ts') });

  expect(await readStderr(child)).toMatch(/DATABASE_URL[^]*PLATFORM/);
});

test('START_FAILED shows the cause from the server log', async () => {
  const error = await catchOpenError({ dataDir: copyCluster(), settings: { shared_buffers: 'nonsense' } });

  expect(error).toMatchObject({
    code: 'START_FAILED',
    message: expect.stringContaining('"shared_buffers": "nonsense"'),
  });
});

test('START_FAILED names the damaged file of the cluster', async () => {
  const dataDir = copyCluster();
  rmSync(join(dataDir, 'postgres/global/pg_control'));

  expect(await catchOpenError({ dataDir })).toMatchObject({
    code: 'START_FAILED',
    message: expect.stringContaining('pg_control'),
  });
});
