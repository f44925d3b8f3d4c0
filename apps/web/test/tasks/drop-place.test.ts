import type { Task } from '@holdfast/client';
import { expect, test } from 'vitest';
import { findDrop } from '../../src/tasks/drag/drop-place.ts';
import { type Section, toItems } from '../../src/tasks/items.ts';

const toTasks = (...ids: string[]) => ids.map((id) => ({ id, title: id }) as Task);

/** Rows of 40 pixels. */
function drop(sections: Section[], y: number, { ids = ['x'], isOrdered = true } = {}) {
  const items = toItems(sections, new Set(['completed']));
  const boxes = items.map((_, index) => ({ index, top: index * 40, bottom: index * 40 + 40 }));
  return findDrop({ items, boxes, y, ids, isOrdered });
}

test('tasks are dropped above or below the middle of a row', () => {
  const sections = [{ id: 'list', tasks: toTasks('a', 'b', 'c') }];
  expect(drop(sections, 10)).toEqual({ kind: 'place', top: 0, before: null, after: 'a' });
  expect(drop(sections, 30)).toEqual({ kind: 'place', top: 40, before: 'a', after: 'b' });
  expect(drop(sections, 500)).toEqual({ kind: 'place', top: 120, before: 'c', after: null });
});

test('dragged tasks are not neighbors of their new place', () => {
  const sections = [{ id: 'list', tasks: toTasks('a', 'b', 'c') }];
  expect(drop(sections, 50, { ids: ['a', 'b'] })).toEqual({ kind: 'place', top: 40, before: null, after: 'c' });
});

test('a day takes tasks anywhere in its section', () => {
  const day: Section = { id: '2026-11-28', title: 'Today', tasks: toTasks('a'), onDrop() {} };
  expect(drop([day], 10, { isOrdered: false })).toEqual({ kind: 'section', section: day });
  expect(drop([day], 70, { isOrdered: false })).toEqual({ kind: 'section', section: day });
});

test('completed tasks and lists without a manual order take none', () => {
  const sections: Section[] = [
    { id: 'list', tasks: toTasks('a') },
    { id: 'completed', title: 'Completed', tasks: toTasks('b'), isFold: true },
  ];
  expect(drop(sections, 60)).toBeUndefined();
  expect(drop(sections, 90)).toBeUndefined();
  expect(drop(sections, 10, { isOrdered: false })).toBeUndefined();
});
