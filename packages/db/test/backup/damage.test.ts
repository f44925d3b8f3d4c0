import { appendFileSync, copyFileSync, mkdtempSync, readFileSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { zstdCompressSync, zstdDecompressSync } from 'node:zlib';
import { afterAll, expect, test } from 'vitest';
import { type ArchiveEntry, readArchive, toArchive } from '../../src/backup/archive.ts';
import { readBackupFile, writeBackupFile } from '../../src/backup/file.ts';
import { openBackup } from '../../src/backup/read-backup.ts';
import { restoreBackup } from '../../src/backup/restore.ts';
import { createTableHash } from '../../src/backup/rows.ts';
import { connect, openBareDatabase } from '../fixture.ts';
import { fill } from './fill.ts';
import { backUp, makeFolder, objectsSql, openEmpty, verify } from './fixture.ts';

const { url } = await openBareDatabase();
await fill(await connect(url));
const folder = mkdtempSync(join(tmpdir(), 'holdfast-backup-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));
const whole = join(folder, 'whole.tar');
copyFileSync((await backUp(url)).file, whole);

/** Checks a backup as a restore does, but without a database, which is fast enough for thousands of files. */
async function readThrough(source: AsyncIterable<Buffer>): Promise<unknown> {
  const backup = await openBackup(source);
  try {
    return await backup.readTables(async (_table, rows) => {
      for await (const _part of rows);
    });
  } finally {
    await backup.close();
  }
}

async function* inChunks(bytes: Buffer, size: number): AsyncGenerator<Buffer> {
  for (let at = 0; at < bytes.length; at += size) yield bytes.subarray(at, at + size);
}

const refusal = { code: expect.stringMatching(/^(BACKUP_DAMAGED|NOT_A_BACKUP)$/) };

async function rewrite(change: (entries: ArchiveEntry[]) => ArchiveEntry[]): Promise<string> {
  const file = join(makeFolder(), 'changed.tar');
  const entries: ArchiveEntry[] = [];
  for await (const entry of readArchive(readBackupFile(whole))) entries.push(entry);
  async function* changed() {
    yield* change(entries);
  }
  await writeBackupFile(file, toArchive(changed(), new Date()));
  return file;
}

/** Expects that the file can be neither verified nor restored and that the target stays empty. Returns the message. */
async function refusalOf(file: string): Promise<string> {
  const refusal = await verify(file).catch((error: unknown) => error);
  expect(refusal).toMatchObject({ code: 'BACKUP_DAMAGED' });
  const target = await openEmpty();
  const { message } = refusal as Error;
  await expect(restoreBackup({ url: target, source: readBackupFile(file) })).rejects.toMatchObject({ message });
  expect((await (await connect(target)).query(objectsSql)).rows).toEqual([]);
  return message;
}

test('an undamaged backup is read completely in chunks of any size', async () => {
  const bytes = readFileSync(whole);
  for (const size of [1, 7, 511, 512, 2047, 2048, 2049, bytes.length]) {
    await expect(readThrough(inChunks(bytes, size)), `${size}`).resolves.toMatchObject({ format: 1 });
  }
});

test('a flipped bit is detected at any position in the backup', async () => {
  const bytes = readFileSync(whole);
  // The strides reach every offset within a block, and nearly every byte of the checksum.
  for (let at = 0; at < bytes.length; at += at > bytes.length - 2100 ? 3 : 37) {
    const changed = Buffer.from(bytes);
    changed[at]! ^= 1 << (at % 8);
    const outcome = await readThrough(inChunks(changed, 65_536)).catch((error: unknown) => error);
    expect(outcome, `byte ${at}`).toMatchObject(refusal);
  }
});

test('a truncated backup is detected at any length', async () => {
  const bytes = readFileSync(whole);
  const ends = [0, 1, 511, 512, 513, bytes.length - 1, bytes.length - 512, bytes.length - 1024, bytes.length - 2048];
  for (let end = 0; end < bytes.length; end += 509) ends.push(end);
  for (const end of ends) {
    const outcome = await readThrough(inChunks(bytes.subarray(0, end), 65_536)).catch((error: unknown) => error);
    expect(outcome, `${end} bytes`).toMatchObject(refusal);
  }
});

test('a flipped byte in the rows of a table is refused with the name of the part, and the target stays empty', async () => {
  const file = join(makeFolder(), 'flipped.tar');
  const bytes = readFileSync(whole);
  const header = bytes.indexOf('tables/public.tasks.00000001.copy.zst');
  bytes[header + 512 + 100]! ^= 0x10;
  writeFileSync(file, bytes);
  expect(await refusalOf(file)).toContain('tables/public.tasks.00000001.copy.zst');
});

test('a flipped byte between the tables is refused, and the target stays empty', async () => {
  const file = join(makeFolder(), 'flipped.tar');
  const bytes = readFileSync(whole);
  // A byte in the padding after a short entry.
  bytes[bytes.indexOf('tables/public.users.00000001.copy.zst') + 1000]! ^= 1;
  writeFileSync(file, bytes);
  expect(await refusalOf(file)).toContain('its checksum');
});

test('a truncated backup is refused, and the target stays empty', async () => {
  const file = join(makeFolder(), 'cut.tar');
  copyFileSync(whole, file);
  truncateSync(file, readFileSync(whole).length - 4096);
  expect(await refusalOf(file)).toContain('truncated');
});

test('a backup with additional bytes at the end is refused, and the target stays empty', async () => {
  const file = join(makeFolder(), 'longer.tar');
  copyFileSync(whole, file);
  appendFileSync(file, Buffer.alloc(512));
  expect(await refusalOf(file)).toContain('its checksum');
});

test('a table whose rows were removed is named, even if the checksum was recomputed', async () => {
  const file = await rewrite((entries) => entries.filter(({ name }) => !name.startsWith('tables/public.tasks.')));
  expect(await refusalOf(file)).toContain('the rows of public.tasks are missing');
});

test('a table that was removed from the rows, the head and the manifest is named', async () => {
  const file = await rewrite((entries) =>
    entries
      .filter(({ name }) => !name.startsWith('tables/auth.jwks.'))
      .map(({ name, content }) => {
        if (!name.endsWith('.json')) return { name, content };
        const listed = JSON.parse(content.toString()) as { tables: { name: string }[] };
        const tables = listed.tables.filter((table) => table.name !== 'auth.jwks');
        return { name, content: Buffer.from(JSON.stringify({ ...listed, tables })) };
      }),
  );
  expect(await refusalOf(file)).toContain('it does not list auth.jwks');
});

test('a backup with the rows of one table under the name of another is refused', async () => {
  const file = await rewrite((entries) => {
    const users = entries.find(({ name }) => name.startsWith('tables/auth.verification.'))!;
    return entries.map((entry) =>
      entry.name.startsWith('tables/auth.jwks.') ? { ...users, name: entry.name } : entry,
    );
  });
  expect(await refusalOf(file)).toContain('PostgreSQL rejected the rows of auth.jwks');
});

test('an intact backup with rows that violate a constraint names the source database as the cause, without values', async () => {
  // Version 0.1 took such a backup from a database without the constraint.
  const title = 'secret'.repeat(100);
  const file = await rewrite((entries) => {
    const hash = createTableHash();
    const name = 'tables/public.tasks.00000001.copy.zst';
    const rows = zstdDecompressSync(entries.find((entry) => entry.name === name)!.content).toString();
    const [id, key, , ...others] = rows.split('\n')[0]!.split('\t');
    const changed = Buffer.from(`${[id, key, title, ...others].join('\t')}\n`);
    hash.update(changed);
    return entries.map((entry) => {
      if (entry.name === name) return { name, content: zstdCompressSync(changed) };
      if (entry.name !== 'manifest.json') return entry;
      const manifest = JSON.parse(entry.content.toString()) as { tables: { name: string }[] };
      const digest = hash.digest();
      const tables = manifest.tables.map((table) => (table.name === 'public.tasks' ? { ...table, ...digest } : table));
      return { name: entry.name, content: Buffer.from(JSON.stringify({ ...manifest, tables })) };
    });
  });
  const refusal = (await verify(file).catch((error: unknown) => error)) as Error;
  expect(refusal).toMatchObject({ code: 'ROWS_INVALID' });
  expect(refusal.message).toContain('The backup is intact');
  expect(refusal.message).toContain('rejected the rows of public.tasks (constraint tasks_title_length)');
  expect(refusal.message).not.toContain('secret');
});

test.each([
  ['a hash', /"sha256": "[0-9a-f]{64}"/, `"sha256": "${'0'.repeat(64)}"`, 'the rows of public.users'],
  ['a count', /"rows": \d+/, '"rows": 1', 'the rows of public.users'],
  ['the snapshot time', /"takenAt": "\d+/, '"takenAt": "2099', 'manifest.json does not match head.json'],
  ['a column type', /"type": "uuid"/, '"type": "text"', 'manifest.json does not match head.json'],
  ['the end', /\}\s*$/, '', 'manifest.json does not match head.json'],
])(
  'a manifest with %s changed is refused with the problem named, even if the checksum was recomputed',
  async (_, from, to, message) => {
    const file = await rewrite((entries) =>
      entries.map((entry) =>
        entry.name === 'manifest.json'
          ? { ...entry, content: Buffer.from(entry.content.toString().replace(from, to)) }
          : entry,
      ),
    );
    expect(await refusalOf(file)).toContain(message);
  },
);

test('a backup with a hash overwritten in the manifest is refused', async () => {
  const file = join(makeFolder(), 'changed.tar');
  const bytes = readFileSync(whole);
  const at = bytes.lastIndexOf('"sha256": "');
  bytes[at + 11] = bytes[at + 11] === 0x30 ? 0x31 : 0x30;
  writeFileSync(file, bytes);
  expect(await refusalOf(file)).toContain('the rows of auth.issuer');
});

test('a backup without a manifest or with an additional entry is refused', async () => {
  const less = await rewrite((entries) => entries.slice(0, -1));
  expect(await refusalOf(less)).toContain('manifest.json is missing or misplaced');
  const more = await rewrite((entries) => [...entries, { name: 'more', content: Buffer.from('more') }]);
  expect(await refusalOf(more)).toContain('an entry follows manifest.json');
});

function replace(from: string, to: string): Promise<string> {
  return rewrite((entries) =>
    entries.map(({ name, content }) => ({
      name,
      content: Buffer.from(content.toString('latin1').replace(from, to), 'latin1'),
    })),
  );
}

test('a backup with a newer format or unknown migrations is refused with the required version', async () => {
  const later = await replace('"format": 1', '"format": 2');
  await expect(verify(later)).rejects.toMatchObject({
    code: 'NOT_A_BACKUP',
    message: expect.stringContaining('format 2'),
  });
  const newer = await replace('"0002-auth"', '"0002-auth", "9999-later"');
  await expect(verify(newer)).rejects.toMatchObject({
    code: 'BACKUP_TOO_NEW',
    message: expect.stringMatching(/9999-later.*Holdfast 0\.1\.0/s),
  });
});

test('a column name from the backup file is never executed as SQL', async () => {
  const evil = await rewrite((entries) =>
    entries.map(({ name, content }) => ({
      name,
      content: name.endsWith('.json')
        ? Buffer.from(
            content
              .toString()
              .replaceAll('"description"', String.raw`"description\") from stdin; drop table users; --"`),
          )
        : content,
    })),
  );
  await expect(verify(evil)).rejects.toMatchObject({ code: 'RESTORE_DIFFERS' });
});
