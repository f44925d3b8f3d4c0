import { expect, test } from 'vitest';
import { createList, createTask, listChanges, updateTask } from '../../src/index.ts';
import { alice, openFixture } from '../fixture.ts';

const { db } = await openFixture();

test('a copy of the records continues with the changes that follow it', async () => {
  const scope = db.asUser(alice);
  const nothing = { tasks: [], lists: [], removed: [], hasMore: false, isReset: false };
  expect(await listChanges(scope, { limit: 10 })).toEqual({ ...nothing, cursor: null });
  const list = await createList(scope, { name: 'home' });
  const task = await createTask(scope, { title: 'x', listId: list.id });
  const copy = await listChanges(scope, { limit: 10 });
  expect(copy).toEqual({ ...nothing, tasks: [task], lists: [list], cursor: expect.any(String) });
  expect(await listChanges(scope, { limit: 10, since: copy.cursor! })).toEqual({ ...nothing, cursor: copy.cursor });
  const updated = await updateTask(scope, { id: task.id, title: 'y' });
  expect(await listChanges(scope, { limit: 10, since: copy.cursor! })).toMatchObject({ ...nothing, tasks: [updated] });
});
