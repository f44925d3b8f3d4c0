import { createPositions } from '@holdfast/task-values';
import { expect, test } from 'vitest';
import { planMove } from '../../src/data/actions/plan-move.ts';

interface Placed {
  id: string;
  position: string;
}

const listOf = (count: number): Placed[] =>
  createPositions(count).map((position, at) => ({ id: `task ${at}`, position }));

/** The order of a list after a move. */
function move(list: readonly Placed[], ids: readonly string[], place: { before: string | null; after: string | null }) {
  const others = list.filter(({ id }) => !ids.includes(id));
  const positions = new Map([
    ...list.map(({ id, position }) => [id, position] as const),
    ...planMove(others, { listId: null, ...place }, ids),
  ]);
  expect(new Set(positions.values()).size).toBe(positions.size);
  return [...positions].toSorted(([, one], [, other]) => (one < other ? -1 : 1)).map(([id]) => id);
}

test('a task moves between two others, to the start and to the end', () => {
  const list = listOf(4);
  const [first, second, third, fourth] = list.map(({ id }) => id) as [string, string, string, string];
  expect(move(list, [first], { before: second, after: third })).toEqual([second, first, third, fourth]);
  expect(move(list, [third], { before: null, after: first })).toEqual([third, first, second, fourth]);
  expect(move(list, [first], { before: fourth, after: null })).toEqual([second, third, fourth, first]);
  expect(move(list, [first], { before: null, after: null })).toEqual([second, third, fourth, first]);
});

test('several tasks move together, in the given order', () => {
  const list = listOf(5);
  const ids = ['task 4', 'task 0'];
  expect(move(list, ids, { before: 'task 1', after: 'task 2' })).toEqual([
    'task 1',
    'task 4',
    'task 0',
    'task 2',
    'task 3',
  ]);
});

test('a task moves between two others that have the same position', () => {
  const [one, two, three] = createPositions(3) as [string, string, string];
  const list = [
    { id: 'a', position: one },
    { id: 'b', position: one },
    { id: 'c', position: two },
    { id: 'd', position: three },
  ];
  expect(move(list, ['d'], { before: 'a', after: 'b' })).toEqual(['a', 'd', 'b', 'c']);
});

test('five hundred tasks move between two neighbors with short positions', () => {
  const list = listOf(502);
  const ids = list.slice(0, 500).map(({ id }) => id);
  const planned = planMove(list.slice(500), { listId: null, before: 'task 500', after: 'task 501' }, ids);
  expect(planned.map(([id]) => id)).toEqual(ids);
  expect(Math.max(...planned.map(([, position]) => position.length))).toBeLessThan(20);
  expect(move(list, ids, { before: 'task 500', after: 'task 501' })).toEqual(['task 500', ...ids, 'task 501']);
});

test('the whole list gets new positions if no short one fits between two neighbors', () => {
  const lower = `a0${'0'.repeat(197)}1`;
  const list = [
    { id: 'a', position: lower },
    { id: 'b', position: `a0${'0'.repeat(197)}2` },
    { id: 'c', position: 'a5' },
  ];
  expect(move(list, ['c'], { before: 'a', after: 'b' })).toEqual(['a', 'c', 'b']);
});

test('a place whose task above is gone is the one above the task below', () => {
  expect(move(listOf(3), ['task 0'], { before: 'gone', after: 'task 2' })).toEqual(['task 1', 'task 0', 'task 2']);
});
