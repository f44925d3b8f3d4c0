import type { Task } from '@holdfast/client';
import { expect, test } from 'vitest';
import {
  findActive,
  findRange,
  findStep,
  inListOrder,
  type Item,
  type Section,
  toItems,
  withLeaving,
} from '../../src/tasks/items.ts';

const toTask = (id: string, changes: Partial<Task> = {}) =>
  ({ id, title: id, completed: false, deletedAt: null, ...changes }) as Task;

const toSection = (id: string, tasks: string, more: Partial<Section> = {}): Section => ({
  id,
  title: id,
  tasks: tasks === '' ? [] : tasks.split(' ').map((name) => toTask(name)),
  ...more,
});

const findCompleted = (id: string) => toTask(id, { completed: true });

const none: ReadonlySet<string> = new Set();
const keysOf = (items: readonly Item[]) => items.map(({ key }) => key);

test('a folded section shows only its heading', () => {
  const sections = [toSection('open', 'a b', { title: undefined }), toSection('completed', 'c', { isFold: true })];
  expect(keysOf(toItems(sections, none))).toEqual(['a', 'b', 'heading completed']);
  expect(keysOf(toItems(sections, new Set(['completed'])))).toEqual(['a', 'b', 'heading completed', 'c']);
});

test('completed tasks remain where they were, with the heading that only they had', () => {
  const before = toItems([toSection('overdue', 'a'), toSection('today', 'b c d')], none);
  const items = toItems([toSection('today', 'd')], none);
  const ids = new Set(['a', 'b', 'c']);
  const shown = withLeaving(items, { before, ids, find: findCompleted });
  expect(keysOf(shown)).toEqual(['heading overdue', 'a', 'heading today', 'b', 'c', 'd']);
  expect(shown.filter(({ task }) => task?.completed).map(({ key }) => key)).toEqual(['a', 'b', 'c']);
  expect(keysOf(withLeaving(items, { before: shown, ids: new Set(['c']), find: findCompleted }))).toEqual([
    'heading today',
    'c',
    'd',
  ]);
});

test('a completed task is not in the list twice while its open fold has it too', () => {
  const before = toItems([toSection('open', 'a b', { title: undefined })], none);
  const sections = [toSection('open', 'b', { title: undefined }), toSection('completed', 'a', { isFold: true })];
  const items = toItems(sections, new Set(['completed']));
  expect(keysOf(withLeaving(items, { before, ids: new Set(['a']), find: findCompleted }))).toEqual([
    'a',
    'b',
    'heading completed',
  ]);
});

test('a task that was deleted or reopened in the meantime does not remain', () => {
  const before = toItems([toSection('open', 'a b c')], none);
  const items = toItems([toSection('open', 'c')], none);
  const states: Record<string, Task> = { a: toTask('a', { completed: true, deletedAt: '2026-11-28' }), b: toTask('b') };
  const shown = withLeaving(items, { before, ids: new Set(['a', 'b']), find: (id) => states[id] });
  expect(keysOf(shown)).toEqual(['heading open', 'c']);
});

test('the next row becomes the active one if the active one is gone, and the row above it at the end', () => {
  const before = toItems([toSection('one', 'a b'), toSection('two', 'c')], none);
  const find = (sections: Section[], active: string | null) => findActive(toItems(sections, none), before, active);
  expect(find([toSection('one', 'a'), toSection('two', 'c')], 'b')).toBe('c');
  expect(find([toSection('one', 'a b')], 'c')).toBe('b');
  expect(find([toSection('one', 'a b')], 'a')).toBe('a');
  expect(find([toSection('one', 'x')], 'a')).toBe('x');
  expect(find([toSection('one', '')], 'a')).toBeNull();
  expect(find([toSection('one', 'a b')], null)).toBe('a');
});

test('a range has the tasks between its ends in both directions, without headings', () => {
  const items = toItems([toSection('one', 'a b'), toSection('two', 'c d')], none);
  expect(findRange(items, 'b', 'd')).toEqual(['b', 'c', 'd']);
  expect(findRange(items, 'd', 'b')).toEqual(['b', 'c', 'd']);
  expect(findRange(items, 'gone', 'c')).toEqual(['c']);
  expect(inListOrder(items, new Set(['d', 'gone', 'a']))).toEqual(['a', 'd']);
});

test('a step moves tasks past one neighbor, and puts scattered ones together', () => {
  const order = ['a', 'b', 'c', 'd', 'e'];
  expect(findStep(order, ['c'], -1)).toEqual({ before: 'a', after: 'b' });
  expect(findStep(order, ['c'], 1)).toEqual({ before: 'd', after: 'e' });
  expect(findStep(order, ['b', 'd'], -1)).toEqual({ before: null, after: 'a' });
  expect(findStep(order, ['b', 'd'], 1)).toEqual({ before: 'e', after: null });
  expect(findStep(order, ['a'], -1)).toBeUndefined();
  expect(findStep(order, ['d', 'e'], 1)).toBeUndefined();
});
