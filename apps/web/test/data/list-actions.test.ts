import { createClient } from '@holdfast/client';
import { openReplica } from '@holdfast/client/replica';
import { expect, onTestFinished, test } from 'vitest';
import { createListActions } from '../../src/data/actions/list-actions.ts';
import { createHistory } from '../../src/data/history.ts';
import { findZone } from '../../src/data/today.ts';
import { findLists } from '../../src/data/views.ts';

/** A replica on a device that never reaches a server, with lists in the given positions. */
async function openLists(positions: string[]) {
  const marker = JSON.stringify({ userId: crypto.randomUUID() });
  const storage = { load: () => marker, save() {} };
  const replica = await openReplica(createClient({ url: 'http://localhost:1', session: 'cookie', storage }));
  onTestFinished(() => replica.close());
  const history = createHistory();
  const ids = positions.map((position, at) => replica.list.create({ name: `${at}`, position }).id);
  const names = () => findLists(replica.lists).map(({ name }) => name);
  return { replica, history, ids, names, actions: createListActions(replica, history) };
}

test('a list moves to its place also if lists have the same position, and back with undo', async () => {
  const { actions, history, replica, names } = await openLists(['a0', 'a0', 'a0', 'a0', 'a1']);
  const before = names();
  for (const [from, to] of [
    [4, 1],
    [0, 2],
    [3, 0],
    [1, 4],
  ] as const) {
    const moved = findLists(replica.lists)[from]!;
    const expected = names().toSpliced(from, 1).toSpliced(to, 0, moved.name);
    actions.moveList(moved.id, to);
    expect(history.notice.get()).toMatchObject({ kind: 'done' });
    expect(names()).toEqual(expected);
  }
  for (let at = 0; at < 4; at += 1) history.undo();
  expect(names()).toEqual(before);
});

test('an action on a list that another tab has removed says so', async () => {
  const { actions, history, replica, ids } = await openLists(['a0', 'a1']);
  const [id] = ids as [string];
  replica.list.delete({ id });
  const attempts = [
    () => actions.changeList(id, { name: 'new' }),
    () => actions.setArchived(id, true),
    () => actions.moveList(id, 1),
    () => actions.deleteList(id),
  ];
  for (const [at, attempt] of attempts.entries()) {
    attempt();
    expect(history.notice.get()).toMatchObject({ id: at + 1, kind: 'failed', text: expect.stringContaining('gone') });
  }
});

test('the zone of the device takes the place of one that this browser does not have', () => {
  const device = findZone(null);
  expect(findZone('Europe/Berlin')).toBe('Europe/Berlin');
  for (const unknown of ['Mars/Olympus', '+02:00', 'x'.repeat(1000), '', undefined]) {
    expect(findZone(unknown)).toBe(device);
  }
});
