import { appendFileSync, copyFileSync, mkdtempSync, readFileSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { type ArchiveEntry, readArchive, toArchive } from '../../src/backup/archive.ts';
import { readFrom, writeTo } from '../../src/backup/file.ts';
import { openBackup } from '../../src/backup/read-backup.ts';
import { restoreBackup } from '../../src/backup/restore.ts';
import { asTools, connect, openBareDatabase } from '../fixture.ts';
import { fill } from './fill.ts';
import { backUp, makeFolder, objectsSql, openEmpty, verify } from './fixture.ts';

const { url } = await openBareDatabase();
await fill(await connect(url));
const folder = mkdtempSync(join(tmpdir(), 'holdfast-backup-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));
const whole = join(folder, 'whole.tar');
copyFileSync((await backUp(url)).file, whole);

/** Everything that restoring looks at, without a database, so that it can be done for thousands of files. */
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
  for await (const entry of readArchive(readFrom(whole))) entries.push(entry);
  async function* changed() {
    yield* change(entries);
  }
  await writeTo(file, toArchive(changed(), new Date()));
  return file;
}

/** Why the file is neither proven nor restored; the target is left empty. */
async function refusalOf(file: string): Promise<string> {
  const refusal = await verify(file).catch((error: unknown) => error);
  expect(refusal).toMatchObject({ code: 'BACKUP_DAMAGED' });
  const target = await openEmpty();
  const { message } = refusal as Error;
  await expect(restoreBackup({ url: target, source: readFrom(file) })).rejects.toMatchObject({ message });
  expect((await (await connect(target)).query(objectsSql)).rows).toEqual([]);
  return message;
}

test('a whole backup reads through, in chunks of any size', async () => {
  const bytes = readFileSync(whole);
  for (const size of [1, 7, 511, 512, 2047, 2048, 2049, bytes.length]) {
    await expect(readThrough(inChunks(bytes, size)), `${size}`).resolves.toMatchObject({ format: 1 });
  }
});

test('a flipped bit is noticed, wherever it is', async () => {
  const bytes = readFileSync(whole);
  // Strides that meet every offset within a block, and nearly every byte of the seal.
  for (let at = 0; at < bytes.length; at += at > bytes.length - 2100 ? 3 : 37) {
    const changed = Buffer.from(bytes);
    changed[at]! ^= 1 << (at % 8);
    const outcome = await readThrough(inChunks(changed, 65_536)).catch((error: unknown) => error);
    expect(outcome, `byte ${at}`).toMatchObject(refusal);
  }
});

test('a file that ends early is noticed, wherever it ends', async () => {
  const bytes = readFileSync(whole);
  const ends = [0, 1, 511, 512, 513, bytes.length - 1, bytes.length - 512, bytes.length - 1024, bytes.length - 2048];
  for (let end = 0; end < bytes.length; end += 509) ends.push(end);
  for (const end of ends) {
    const outcome = await readThrough(inChunks(bytes.subarray(0, end), 65_536)).catch((error: unknown) => error);
    expect(outcome, `${end} bytes`).toMatchObject(refusal);
  }
});

test('a flipped byte in a table’s rows is refused by the part’s name, and the target stays empty', async () => {
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
  // The padding behind a short entry.
  bytes[bytes.indexOf('tables/public.users.00000001.copy.zst') + 1000]! ^= 1;
  writeFileSync(file, bytes);
  expect(await refusalOf(file)).toContain('the seal');
});

test('a cut file is refused, and the target stays empty', async () => {
  const file = join(makeFolder(), 'cut.tar');
  copyFileSync(whole, file);
  truncateSync(file, readFileSync(whole).length - 4096);
  expect(await refusalOf(file)).toContain('cut short');
});

test('bytes after the end are refused, and the target stays empty', async () => {
  const file = join(makeFolder(), 'longer.tar');
  copyFileSync(whole, file);
  appendFileSync(file, Buffer.alloc(512));
  expect(await refusalOf(file)).toContain('the seal');
});

test('a table that was taken out is named, even where the archive was sealed anew', async () => {
  const file = await rewrite((entries) => entries.filter(({ name }) => !name.startsWith('tables/public.tasks.')));
  expect(await refusalOf(file)).toContain('the rows of public.tasks are missing');
});

test('a table that no part of the file tells of is named', async () => {
  const file = await rewrite((entries) =>
    entries
      .filter(({ name }) => !name.startsWith('tables/auth.jwks.'))
      .map(({ name, content }) => {
        if (!name.endsWith('.json')) return { name, content };
        const told = JSON.parse(content.toString()) as { tables: { name: string }[] };
        const tables = told.tables.filter((table) => table.name !== 'auth.jwks');
        return { name, content: Buffer.from(JSON.stringify({ ...told, tables })) };
      }),
  );
  expect(await refusalOf(file)).toContain('it does not tell of auth.jwks');
});

test('tables in another’s place are refused', async () => {
  const file = await rewrite((entries) => {
    const users = entries.find(({ name }) => name.startsWith('tables/auth.verification.'))!;
    return entries.map((entry) =>
      entry.name.startsWith('tables/auth.jwks.') ? { ...users, name: entry.name } : entry,
    );
  });
  expect(await refusalOf(file)).toContain('does not take the rows of auth.jwks');
});

test('rows that break a rule of the schema are refused by the rule’s name', async () => {
  const { url: lax } = await openBareDatabase();
  const sql = await connect(lax);
  await fill(sql);
  await sql.query('alter table tasks drop constraint tasks_title_length');
  await asTools(sql, `update tasks set title = repeat('secret', 100)`);
  const message = await refusalOf((await backUp(lax)).file);
  expect(message).toContain('does not take the rows of public.tasks, which break its rule tasks_title_length');
  expect(message).not.toContain('secret');
});

test.each([
  ['a hash', /"sha256": "[0-9a-f]{64}"/, `"sha256": "${'0'.repeat(64)}"`, 'the rows of public.users'],
  ['a count', /"rows": \d+/, '"rows": 1', 'the rows of public.users'],
  ['the moment', /"takenAt": "\d+/, '"takenAt": "2099', 'manifest.json does not fit head.json'],
  ['a type', /"type": "uuid"/, '"type": "text"', 'manifest.json does not fit head.json'],
  ['its end', /\}\s*$/, '', 'manifest.json does not fit head.json'],
])('%s changed in the manifest is named, even where the archive was sealed anew', async (_, from, to, message) => {
  const file = await rewrite((entries) =>
    entries.map((entry) =>
      entry.name === 'manifest.json'
        ? { ...entry, content: Buffer.from(entry.content.toString().replace(from, to)) }
        : entry,
    ),
  );
  expect(await refusalOf(file)).toContain(message);
});

test('a hash changed in the manifest in place is refused', async () => {
  const file = join(makeFolder(), 'changed.tar');
  const bytes = readFileSync(whole);
  const at = bytes.lastIndexOf('"sha256": "');
  bytes[at + 11] = bytes[at + 11] === 0x30 ? 0x31 : 0x30;
  writeFileSync(file, bytes);
  expect(await refusalOf(file)).toContain('the rows of auth.jwks');
});

test('a missing manifest, and an entry too many, are refused', async () => {
  const less = await rewrite((entries) => entries.slice(0, -1));
  expect(await refusalOf(less)).toContain('manifest.json is not where it should be');
  const more = await rewrite((entries) => [...entries, { name: 'more', content: Buffer.from('more') }]);
  expect(await refusalOf(more)).toContain('something follows manifest.json');
});

function replace(from: string, to: string): Promise<string> {
  return rewrite((entries) =>
    entries.map(({ name, content }) => ({
      name,
      content: Buffer.from(content.toString('latin1').replace(from, to), 'latin1'),
    })),
  );
}

test('a backup of a later format, or with migrations of a newer version, says what is needed', async () => {
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

test('what a file says of its tables never becomes SQL', async () => {
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
