import { chmod, mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { toUndoCalls, toUndoOfUpdate, type UndoableTask } from '../../src/planning/undo-change.ts';
import { createUndoStore, type UndoEntry, undoBytesMax } from '../../src/planning/undo.ts';

const owner = { server: 'https://tasks.example.org:8443', account: 'ada@example.org' };
const toId = (index: number) => `019ad000-0000-7000-8000-${String(index).padStart(12, '0')}`;
const ids = [toId(1), toId(2)];
const task: UndoableTask = {
  id: toId(1),
  version: 1,
  title: 'Pay rent',
  description: null,
  completed: false,
  listId: null,
  due: { date: '2026-11-29', time: '09:00' },
  priority: 0,
  labels: ['home'],
  position: 'g1',
};
const updated: UndoEntry = {
  command: 'edit',
  change: { kind: 'updated', tasks: [{ id: toId(1), version: 2, before: { title: 'Pay rent', due: null } }] },
};

async function openStore() {
  const folder = await mkdtemp(join(tmpdir(), 'holdfast-undo-'));
  onTestFinished(() => rm(folder, { recursive: true, force: true }));
  const path = join(folder, 'undo', `${encodeURIComponent(owner.server)}.json`);
  return { folder, path, store: createUndoStore(folder) };
}

test('the undo of the last command replaces the one before, and can be removed', async () => {
  const { store } = await openStore();
  expect(await store.find(owner)).toBeUndefined();
  await store.save(owner, { command: 'add', change: { kind: 'created', ids } });
  await store.save(owner, { command: 'rm', change: { kind: 'deleted', ids } });
  expect(await store.find(owner)).toEqual({ command: 'rm', change: { kind: 'deleted', ids } });
  await store.save(owner, updated);
  expect(await store.find(owner)).toEqual(updated);
  await store.remove(owner);
  await store.remove(owner);
  expect(await store.find(owner)).toBeUndefined();
});

test('only the account and the server of a command can undo it', async () => {
  const { store } = await openStore();
  await store.save(owner, updated);
  expect(await store.find({ ...owner, account: 'bob@example.org' })).toBeUndefined();
  expect(await store.find({ ...owner, server: 'https://other.example.org' })).toBeUndefined();
  expect(await store.find(owner)).toEqual(updated);
});

test('the file of an undo is private and does not contain the account', async () => {
  const { folder, path, store } = await openStore();
  await chmod(folder, 0o755);
  const token = 'hf_secret_token';
  await store.save({ ...owner, account: token }, updated);
  expect(await readFile(path, 'utf8')).not.toContain(token);
  expect(await readdir(join(folder, 'undo'))).toHaveLength(1);
  if (process.platform === 'win32') return;
  for (const [one, mode] of [
    [folder, 0o700],
    [join(folder, 'undo'), 0o700],
    [path, 0o600],
  ] as const) {
    expect((await stat(one)).mode & 0o777).toBe(mode);
  }
});

test('a command that changed too much replaces the undo of the command before', async () => {
  const { path, store } = await openStore();
  await store.save(owner, { command: 'add', change: { kind: 'created', ids } });
  const many = Array.from({ length: Math.ceil(undoBytesMax / 39) + 1 }, (_, index) => toId(index));
  await store.save(owner, { command: 'rm', change: { kind: 'deleted', ids: many } });
  expect(await store.find(owner)).toEqual({ command: 'rm', change: { kind: 'tooLarge' } });
  expect((await stat(path)).size).toBeLessThan(1000);
});

test.each([
  ['no JSON', () => '{'],
  ['another format', (text: string) => text.replace('"format":1', '"format":2')],
  ['an unknown field of a task', (text: string) => text.replace('"title"', '"userId"')],
  ['a wrong ID', (text: string) => text.replace(toId(1), '../x')],
  ['too many bytes', (text: string) => text + ' '.repeat(undoBytesMax)],
])('a damaged undo with %s is refused with its path', async (_, damage) => {
  const { path, store } = await openStore();
  await store.save(owner, updated);
  await writeFile(path, damage(await readFile(path, 'utf8')));
  await expect(store.find(owner)).rejects.toMatchObject({
    code: 'FILE_FAILED',
    message: `${path} is damaged. Remove it. The last command cannot be undone.`,
    more: { path },
  });
  await store.save(owner, updated);
  expect(await store.find(owner)).toEqual(updated);
});

test('a user without a home folder has no undo', async () => {
  const store = createUndoStore(undefined);
  await store.save(owner, updated);
  expect(await store.find(owner)).toBeUndefined();
  await store.remove(owner);
});

test('the undo of an update has the previous values of the changed fields only', () => {
  const after = { ...task, version: 2, title: 'Pay', due: { date: '2026-11-29' }, labels: ['home'] };
  const untouched = { ...task, id: toId(2) };
  const change = toUndoOfUpdate([task, untouched], [after, untouched]);
  expect(change).toEqual({
    kind: 'updated',
    tasks: [{ id: toId(1), version: 2, before: { title: 'Pay rent', due: { date: '2026-11-29', time: '09:00' } } }],
  });
  expect(toUndoCalls(change!)).toEqual([
    {
      procedure: 'task.update',
      input: { id: toId(1), title: 'Pay rent', due: { date: '2026-11-29', time: '09:00' }, ifVersion: 2 },
    },
  ]);
  expect(toUndoOfUpdate([untouched], [untouched])).toBeUndefined();
});

test('the undo of an added or deleted task names at most 500 IDs per call', () => {
  const many = Array.from({ length: 1001 }, (_, index) => toId(index));
  const created = toUndoCalls({ kind: 'created', ids: many });
  expect(created.map(({ procedure }) => procedure)).toEqual(Array(3).fill('task.deleteMany'));
  expect(created.flatMap(({ input }) => ('ids' in input ? input.ids : []))).toEqual(many);
  expect(toUndoCalls({ kind: 'deleted', ids })).toEqual([{ procedure: 'trash.restore', input: { ids } }]);
  expect(toUndoCalls({ kind: 'tooLarge' })).toEqual([]);
});
