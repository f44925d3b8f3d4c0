import { fold, toSearchWords } from '@holdfast/task-values';
import * as fc from 'fast-check';
import type { Client } from 'pg';
import type { TaskFilter, TaskOrder } from '../../src/index.ts';
import { asTools } from '../fixture.ts';

export const orders = [
  'newest',
  'oldest',
  'position',
  'due',
  'completed',
  'updated',
  'priority',
  'title',
] as const satisfies TaskOrder[];

const first = '00000000-0000-0000-0000-000000000000';
const last = 'ffffffff-ffff-ffff-ffff-ffffffffffff';
const lists = [first, '0190a000-0000-7000-8000-000000000001', last];
const dates = ['0001-01-01', '2026-02-28', '2026-03-01', '9999-12-31'];
const times = Array.from({ length: 4 }, (_, at) => `2026-01-01T00:00:00.00${at}Z`);
const labels = ['home', 'Home office', 'Äußeres', 'a,"b\\c{}', '100%', 'null'];
const words = ['milk', 'MILK', 'Café', 'cafe\u0301', '牛乳', '100%', 'a_b', String.raw`C:\dir`, `it's`, 'ſtraße', '😀'];
const long = 'x'.repeat(120);

/** A task as the test stores it. Its values come from small sets, so that equal sort keys are frequent. */
export interface Stored {
  id: string;
  title: string;
  description: string | null;
  created_at: string;
  updated_at: string;
  completed_at: string | null;
  list_id: string | null;
  due_date: string | null;
  due_time: string | null;
  due_time_zone: string | null;
  priority: number;
  labels: string[];
  position: string;
  is_folded: boolean;
  deleted_at: string | null;
}

const text = fc.array(fc.constantFrom(...words), { minLength: 1, maxLength: 3 }).map((parts) => parts.join(' '));
const maybe = <Value>(value: fc.Arbitrary<Value>) => fc.option(value, { freq: 2 });

const folded: fc.Arbitrary<Stored> = fc
  .record({
    id: fc.oneof({ weight: 9, arbitrary: fc.uuid() }, fc.constantFrom(first, last)),
    title: fc.oneof(text, fc.constantFrom(`${long} b`, `${long} a`)),
    description: maybe(text),
    created_at: fc.constantFrom(...times.slice(0, 2)),
    updated_at: fc.constantFrom(...times.slice(2)),
    completed_at: maybe(fc.constantFrom(...times.slice(1))),
    list_id: maybe(fc.constantFrom(...lists)),
    due_date: maybe(fc.constantFrom(...dates)),
    due_time: maybe(fc.constantFrom('00:00:00', '09:30:00', '09:30:01', '23:59:00')),
    due_time_zone: fc.constant<string | null>(null),
    priority: fc.integer({ min: 0, max: 3 }),
    labels: fc.uniqueArray(fc.constantFrom(...labels), { maxLength: 2 }),
    position: fc.constantFrom('a0', 'a1', 'B', 'Zz'),
    is_folded: fc.constant(true),
    deleted_at: fc.oneof({ weight: 9, arbitrary: fc.constant(null) }, fc.constant(times[3]!)),
  })
  .map((task) => ({ ...task, due_time: task.due_date === null ? null : task.due_time }));
/** Tasks that other code has written have no search text. */
const unfolded = folded.map((task) => ({
  ...task,
  title: 'Plain MILK',
  description: null,
  labels: task.labels.includes('home') ? ['Home'] : [],
  is_folded: false,
}));

export const manyTasks = fc.uniqueArray(fc.oneof({ weight: 5, arbitrary: folded }, unfolded), {
  selector: ({ id }) => id,
  minLength: 30,
  maxLength: 60,
});

/** A value for each condition of a filter. */
export const conditions = {
  completed: fc.boolean(),
  listId: maybe(fc.constantFrom(...lists, lists[1]!.toUpperCase())),
  label: fc.constantFrom('HOME', 'home office', 'ÄUSSERES', 'äußereS', 'a,"B\\C{}', '100%', 'NULL', '%', 'other'),
  priority: fc.constantFrom(0, 1, 2, 3),
  due: fc.oneof(
    fc.record(
      { from: fc.constantFrom(...dates, '2026-01-01'), until: fc.constantFrom(...dates) },
      { requiredKeys: ['from'] },
    ),
    fc.record({ until: fc.constantFrom(...dates) }),
    fc.constant({ none: true } as const),
    fc.constant({}),
  ),
  search: fc.oneof(text, fc.constantFrom('mil', 'i', 'straße b', '%', '_', "'", '\\', ' ', 'a b c d e f g h i j k l')),
  updatedAfter: fc.constantFrom(...times),
  completedAfter: fc.constantFrom(...times),
};

export const filters = fc.record(conditions, { requiredKeys: [] }) as fc.Arbitrary<TaskFilter>;

/** Stores the tasks of a user who has none. */
export async function store(sql: Client, userId: string, tasks: readonly Stored[]): Promise<void> {
  await asTools(sql, 'insert into users (id) values ($1)', [userId]);
  await asTools(sql, `insert into lists (user_id, id, name) select $1, unnest($2::uuid[]), 'list'`, [userId, lists]);
  await asTools(
    sql,
    `insert into tasks (user_id, id, title, description, completed, completed_at, created_at, updated_at, list_id, due_date,
      due_time, priority, labels, position, deleted_at, search, is_folded)
    select $1, id, title, description, completed_at is not null, completed_at, created_at, updated_at, list_id, due_date,
      due_time, priority, labels, position, deleted_at, search, is_folded
    from jsonb_populate_recordset(null::tasks, $2)`,
    [userId, JSON.stringify(tasks.map((task) => ({ ...task, search: task.is_folded ? toSearch(task) : '' })))],
  );
}

function toSearch({ title, description, labels }: Stored): string {
  return [fold(title), fold(description ?? ''), labels.map(fold).join('\t')].join('\n');
}

/** The IDs of the tasks that a list must return. */
export function model(tasks: readonly Stored[], filter: TaskFilter, order: TaskOrder): string[] {
  return tasks
    .filter((task) => task.deleted_at === null && isMatch(task, filter))
    .toSorted((one, other) => compare(toKeys(one, order), toKeys(other, order)))
    .map(({ id }) => id);
}

function isMatch(task: Stored, filter: TaskFilter): boolean {
  const { completed, listId, label, priority, due = {}, search = '', updatedAfter, completedAfter } = filter;
  const haystack = task.is_folded ? toSearch(task) : [task.title, ...task.labels].join('\n').toLowerCase();
  const date = task.due_date;
  return (
    (completed === undefined || completed === (task.completed_at !== null)) &&
    (listId === undefined || task.list_id === (listId?.toLowerCase() ?? null)) &&
    (label === undefined || task.labels.some((own) => own.toLowerCase() === label.toLowerCase())) &&
    (priority === undefined || task.priority === priority) &&
    (due.from === undefined || (date !== null && date >= due.from)) &&
    (due.until === undefined || (date !== null && date <= due.until)) &&
    (due.none === undefined || date === null) &&
    toSearchWords(search).every((word) => haystack.includes(word)) &&
    (updatedAfter === undefined || task.updated_at > updatedAfter) &&
    (completedAfter === undefined || (task.completed_at ?? '') > completedAfter)
  );
}

/** Texts that sort ascending, bytewise. `~` sorts after letters and digits, and a space before them. */
function toKeys(task: Stored, order: TaskOrder): { texts: string[]; isDescending: boolean } {
  const { id, created_at, updated_at, completed_at, list_id, due_date, due_time, priority, position } = task;
  const title = Array.from(task.is_folded ? fold(task.title) : task.title.toLowerCase());
  const texts = {
    newest: [created_at],
    oldest: [created_at],
    position: [list_id ?? ' ', position],
    due: [due_date ?? '~', due_time ?? '~'],
    completed: [completed_at === null ? ' ' : '~', completed_at ?? created_at],
    updated: [updated_at],
    priority: [String(priority)],
    title: [title.slice(0, 100).join('')],
  }[order];
  const isDescending = ['newest', 'completed', 'updated', 'priority'].includes(order);
  return { texts: [...texts, id], isDescending };
}

function compare(one: ReturnType<typeof toKeys>, other: ReturnType<typeof toKeys>): number {
  for (const [at, text] of one.texts.entries()) {
    const result = Buffer.compare(Buffer.from(text), Buffer.from(other.texts[at]!));
    if (result !== 0) return one.isDescending ? -result : result;
  }
  return 0;
}
