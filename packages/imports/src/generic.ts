import type { DueInput } from '@holdfast/task-values';
import type { Table } from './csv.ts';
import { type DateOrder, findDateOrder, readDate, withTimeZone } from './dates.ts';
import { type Draft, ImportFileError, type Reader } from './types.ts';

/** The names of the columns and keys for each field. The first one is documented. */
const names = {
  title: ['title', 'task', 'name', 'subject', 'summary', 'content'],
  description: ['description', 'notes', 'note', 'body', 'details'],
  list: ['list', 'list name', 'project', 'folder'],
  due: ['due', 'due date', 'duedate', 'due_date', 'date'],
  priority: ['priority', 'importance'],
  labels: ['labels', 'label', 'tags', 'tag', 'categories'],
  completed: ['completed', 'done', 'status', 'complete', 'is_completed'],
} as const;

type Field = keyof typeof names;

/** The column or key of each field: that with the first of its names. All are in lower case. */
function findFields(given: readonly string[]): Map<Field, string> {
  const found = new Map<Field, string>();
  for (const [field, all] of Object.entries(names)) {
    const name = all.find((one) => given.includes(one));
    if (name !== undefined) found.set(field as Field, name);
  }
  return found;
}

export const hasTitle = (columns: readonly string[]) => findFields(columns).has('title');

/** Values of a task, as texts or as values of JSON. */
interface Values {
  at: string;
  values: Partial<Record<Field, unknown>>;
}

/** Reads a CSV file with the names of fields in its header. */
export function readCsv({ file, present, report }: Reader, { columns, rows }: Table): Draft[] {
  const found = findFields(columns);
  const used = new Set(found.values());
  for (const column of columns) {
    if (used.has(column) || column === '') continue;
    report('line 1', `The column '${column.slice(0, 50)}' is not used. Its values are not imported.`);
  }
  if (!found.has('title')) {
    throw new ImportFileError(file.name, `${file.name} has no column for the title. Name it 'title'.`);
  }
  const all = rows.map((row) => ({
    at: row.at,
    values: Object.fromEntries([...found].map(([field, column]) => [field, row.get(column)])),
  }));
  return toDrafts(all, { present, report });
}

/** Reads an array of objects, or an object with such an array in `tasks`. */
export function readJson({ file, present, report }: Reader, json: unknown): Draft[] {
  const items = Array.isArray(json) ? json : (json as { tasks?: unknown } | null)?.tasks;
  if (!Array.isArray(items)) {
    throw new ImportFileError(file.name, `${file.name} has no tasks. Use an array of objects with a title.`);
  }
  const unused = new Set<string>();
  const all = items.flatMap((item: unknown, index) => {
    const at = `task ${index + 1}`;
    if (typeof item !== 'object' || item === null || Array.isArray(item)) {
      report(at, 'It is no object. It is not imported.');
      return [];
    }
    const byName = new Map(Object.entries(item).map(([key, value]) => [key.toLowerCase(), value as unknown]));
    const found = findFields([...byName.keys()]);
    const used = new Set(found.values());
    for (const key of byName.keys()) if (!used.has(key)) unused.add(key);
    return [{ at, values: Object.fromEntries([...found].map(([field, key]) => [field, byName.get(key)])) }];
  });
  for (const key of unused) {
    report('task 1', `The key '${key.slice(0, 50)}' is not used. Its values are not imported.`);
  }
  return toDrafts(all, { present, report });
}

function toDrafts(all: readonly Values[], { present, report }: Pick<Reader, 'present' | 'report'>): Draft[] {
  const order = findDateOrder(all.map(({ values }) => toText(values.due)));
  if (order === undefined) {
    report(all[0]!.at, 'Dates such as 1/2/2027 have two meanings. The month is read first.');
  }
  return all.map(({ at, values }) => {
    const reportHere = (text: string) => report(at, text);
    const facts: string[] = [];
    const due = toDue(values.due, { present, order });
    if (due === undefined) {
      facts.push(`Due: ${toText(values.due)}`);
      reportHere('The date is not understood. The description contains it.');
    }
    return {
      at,
      list: toText(values.list) || null,
      title: toText(values.title),
      description: toText(values.description),
      due: due ?? null,
      priority: toPriority(toText(values.priority), reportHere),
      labels: toLabels(values.labels),
      completed: toCompleted(toText(values.completed), reportHere),
      facts,
    };
  });
}

function toText(value: unknown): string {
  if (typeof value === 'string') return value.trim();
  return typeof value === 'number' || typeof value === 'boolean' ? String(value) : '';
}

interface DateOptions extends Pick<Reader, 'present'> {
  order: DateOrder | undefined;
}

/** Null without a date, undefined for one that is not understood. An object is a date as Holdfast has it. */
function toDue(value: unknown, { present, order }: DateOptions): DueInput | null | undefined {
  if (typeof value !== 'object' || value === null) {
    const text = toText(value);
    return text === '' ? null : readDate(text, present, order);
  }
  const { date, time, timeZone } = value as Record<string, unknown>;
  const due = readDate([toText(date), toText(time)].filter(Boolean).join(' '), present, order);
  return due && withTimeZone(due, toText(timeZone), present);
}

const priorityWords: readonly (readonly string[])[] = [
  ['', '0', 'none', 'no', 'normal', 'p4'],
  ['1', 'low', 'p3', '!'],
  ['2', 'medium', 'p2', '!!'],
  ['3', 'high', 'urgent', 'p1', '!!!'],
];

function toPriority(text: string, report: (text: string) => void): 0 | 1 | 2 | 3 {
  const priority = priorityWords.findIndex((words) => words.includes(text.toLowerCase()));
  if (priority !== -1) return priority as 0 | 1 | 2 | 3;
  report('The priority is unknown. Use 0 to 3, or none, low, medium or high.');
  return 0;
}

function toLabels(value: unknown): string[] {
  const labels = Array.isArray(value) ? value.map(toText) : toText(value).split(/[,;]/);
  return labels.map((label) => label.trim().replace(/^[@#]/, ''));
}

const doneWords = /^(?:true|yes|y|x|1|done|completed?|finished|closed|100\s*%?|\[x\])$/i;
const openWords =
  /^(?:|false|no|n|0|0\s*%|open|to ?do|not[ _]?started|in[ _-]?progress|pending|needs-action|notstarted|inprogress|\[ \])$/i;

function toCompleted(text: string, report: (text: string) => void): boolean {
  if (doneWords.test(text)) return true;
  if (!openWords.test(text)) report('The state is unknown. Use true or false. The task is open.');
  return false;
}
