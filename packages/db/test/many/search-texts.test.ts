import { randomUUID } from 'node:crypto';
import { describe, expect, test } from 'vitest';
import { createTasks, listTasks, renameLabel, runMaintenance, updateTasks, type UserScope } from '../../src/index.ts';
import { asTools, openFixture } from '../fixture.ts';

const { db, sql, url } = await openFixture();

/** 10 such tasks have more than 100,000 bytes of search texts. */
const longText = 'Straße '.repeat(1425);

interface Change {
  scope: UserScope;
  ids: string[];
}

const changes = {
  'a label of task.updateMany': ({ scope, ids }: Change) => updateTasks(scope, { ids, set: { addLabels: ['Garten'] } }),
  'labels of task.updateMany': ({ scope, ids }: Change) => updateTasks(scope, { ids, set: { labels: ['Garten'] } }),
  'a title of task.updateMany': ({ scope, ids }: Change) => updateTasks(scope, { ids, set: { title: 'Garten' } }),
  'label.rename': ({ scope }: Change) => renameLabel(scope, { from: 'blau', to: 'Garten' }),
};

async function createAll(descriptions: string[]) {
  const scope = db.asUser(randomUUID());
  const { items } = await createTasks(
    scope,
    descriptions.map((description) => ({ title: 'x', description, labels: ['blau'] })),
  );
  return { scope, ids: items.map(({ id }) => id) };
}

async function readTasks({ scope, ids }: Change) {
  const { rows } = await asTools(
    sql,
    `select is_folded, md5(search) as search, strpos(search, 'garten') > 0 as is_new from tasks where user_id = $1
      order by array_position($2::uuid[], id)`,
    [scope.userId, ids],
  );
  return rows;
}

const countFound = async (scope: UserScope, search: string) =>
  (await listTasks(scope, { limit: 100, search, order: 'newest' })).items.length;

describe.each(Object.entries(changes))('%s', (_, change) => {
  test('of tasks with much text leaves their search texts to maintenance, and searches find the tasks meanwhile', async () => {
    const tasks = await createAll(['short', ...Array.from({ length: 10 }, () => longText)]);
    const before = await readTasks(tasks);

    await change(tasks);
    const after = await readTasks(tasks);
    const later = after.filter(({ is_folded: isFolded }) => !isFolded);
    expect(later.map(({ search }) => search)).toEqual(before.slice(1).map(({ search }) => search));
    expect(after[0]).toMatchObject({ is_folded: true, is_new: true });
    expect(await countFound(tasks.scope, 'GARTEN')).toBe(11);
    expect(await countFound(tasks.scope, 'straße')).toBe(10);

    await runMaintenance({ url, signal: new AbortController().signal });
    expect((await readTasks(tasks)).every((row) => row.is_folded && row.is_new)).toBe(true);
    expect(await countFound(tasks.scope, 'garten')).toBe(11);
  });

  test('of few tasks with long texts writes their search texts', async () => {
    const tasks = await createAll(Array.from({ length: 5 }, () => longText));
    await change(tasks);
    expect((await readTasks(tasks)).every((row) => row.is_folded && row.is_new)).toBe(true);
  });
});
