import { type ImportFile, type ImportOptions, readImport } from '../src/index.ts';

export const userId = '0190a000-0000-7000-8000-00000000000a';

/** Monday. */
export const present = { now: new Date('2026-11-30T08:00:00Z'), timeZone: 'Europe/Berlin' };

export const read = (files: ImportFile | ImportFile[], options: Partial<ImportOptions> = {}) =>
  readImport([files].flat(), { userId, present, lists: [], ...options });

function omit<Value extends object, Key extends keyof Value>(value: Value, key: Key): Omit<Value, Key> {
  const { [key]: _, ...rest } = value;
  return rest;
}

/** The tasks of one text, without their IDs. */
export function readTasks(text: string, name = 'tasks.csv', options: Partial<ImportOptions> = {}) {
  const { tasks, ...others } = read({ name, text }, options);
  return { ...others, tasks: tasks.map((task) => omit(task, 'id')) };
}

/** A task with these values, and the usual ones for all others. */
export const task = (values: object) => ({
  description: null,
  listId: null,
  due: null,
  priority: 0,
  labels: [],
  completed: false,
  ...values,
});
