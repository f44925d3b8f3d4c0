import type { Task } from '@holdfast/client';
import { expect, test } from 'vitest';
import { findLabeled, findLabels } from '../../src/data/labels.ts';
import { findNamedDays } from '../../src/data/present.ts';
import { findMatches } from '../../src/data/search.ts';
import { findTrash } from '../../src/data/trash.ts';
import { type Interpretation, toTask } from '../../src/quick-add/interpret.ts';

const time = '2026-11-28T12:00:00.000Z';
const toTaskOf = (fields: Partial<Task>) =>
  ({ title: 'Task', labels: [], completed: false, updatedAt: time, deletedAt: null, ...fields }) as Task;

/** Twenty tasks at one time, and twenty an hour later. */
const toTasksAtTimes = (name: 'updatedAt' | 'deletedAt') =>
  ['2026-11-28T12:00:00.000Z', '2026-11-28T13:00:00.000Z'].flatMap((at, group) =>
    Array.from({ length: 20 }, (_, index) => toTaskOf({ id: `${group}-${index}`, [name]: at })),
  );
const toIds = (tasks: readonly Task[]) => tasks.map(({ id }) => id);

test('a label is the same in another case and in another Unicode form', () => {
  const [composed, decomposed] = ['Caf\u00e9', 'cafe\u0301'];
  const tasks = [toTaskOf({ labels: [composed] }), toTaskOf({ labels: [decomposed], completed: true })];
  expect(findLabels(tasks)).toEqual([{ name: composed, open: 1, completed: 1 }]);
  expect(findLabeled(tasks, 'CAFÉ')).toEqual(tasks);
  const line = { title: 'Drink', due: null, labels: [decomposed], priority: 0, listId: null } as Interpretation;
  expect(toTask(line, { listId: null, label: composed }).labels).toEqual([decomposed]);
});

test('tasks that changed or were deleted at the same time keep their order, and newer ones come first', () => {
  const expected = [1, 0].flatMap((group) => Array.from({ length: 20 }, (_, index) => `${group}-${index}`));
  expect(toIds(findTrash(toTasksAtTimes('deletedAt')))).toEqual(expected);
  expect(toIds(findMatches(toTasksAtTimes('updatedAt'), { text: 'task' }, '2026-11-28'))).toEqual(expected);
});

test.each(Array.from({ length: 7 }, (_, at) => `2026-11-${23 + at}`))(
  'on %s, no two shortcuts of the dialog for dates set the same day',
  (today) => {
    const dates = findNamedDays(today).map(({ date }) => date);
    expect(new Set(dates).size).toBe(dates.length);
    expect(dates.length).toBeGreaterThan(2);
  },
);
