import { fold, toSearchWords } from '@holdfast/task-values';
import { type RawBuilder, sql } from 'kysely';

/** Conditions on tasks. A task must meet all that are given. */
export interface TaskFilter {
  /** True for completed tasks only, false for open tasks only. */
  completed?: boolean | undefined;
  /** UUID of a list; null for the inbox. */
  listId?: string | null | undefined;
  /** A label of the task. Case is ignored. */
  label?: string | undefined;
  priority?: 0 | 1 | 2 | 3 | undefined;
  due?: DueFilter | undefined;
  /** Words that the title, the description or the labels contain. Case and accents are ignored. Blank: no condition. */
  search?: string | undefined;
  /** Time in ISO 8601. */
  updatedAfter?: string | undefined;
  /** Time in ISO 8601. Open tasks do not match. */
  completedAfter?: string | undefined;
}

/** Dates are `YYYY-MM-DD` and compared with the date of the task, in whatever zone that date is. */
export interface DueFilter {
  /** First date. Tasks without a due date do not match. */
  from?: string | undefined;
  /** Last date. Tasks without a due date do not match. */
  until?: string | undefined;
  /** Only tasks without a due date. */
  none?: true | undefined;
}

const types = {
  source: 'text',
  completed: 'boolean',
  listId: 'uuid',
  isInbox: 'boolean',
  priority: 'smallint',
  dueFrom: 'date',
  dueUntil: 'date',
  isUndated: 'boolean',
  updatedAfter: 'timestamptz',
  completedAfter: 'timestamptz',
  /** Spellings of the label in lower case. */
  labels: 'text[]',
  foldedLabel: 'text',
  word1: 'text',
  word2: 'text',
  word3: 'text',
  word4: 'text',
  /** Patterns of LIKE for all other words. */
  patterns: 'text[]',
} as const;

/** The arguments of the conditions. Undefined arguments are no conditions. */
export type FilterArgs = {
  [Name in keyof typeof types]?: string | number | boolean | readonly string[] | undefined;
} & { source: Source };

/** Columns with the arguments, for `jsonb_to_record`. */
export const filterColumns = sql.raw(
  Object.entries(types)
    .map(([name, type]) => `"${name}" ${type}`)
    .join(', '),
);

/** Reads an argument, with its type. */
export type ReadFilter = (name: keyof FilterArgs) => RawBuilder<unknown>;

/** Reads arguments from a statement's parameters. */
export function readParameters(value: (name: keyof FilterArgs) => unknown): ReadFilter {
  return (name) => sql`${value(name)}::${sql.raw(types[name])}`;
}

/** Where the tasks that can match are read: the narrowest index that the filter allows. */
export type Source = 'list' | 'inbox' | 'due' | 'completedAfter' | 'completed' | 'all';

/** The condition of each source. */
export function toSources(read: ReadFilter): Record<Source, RawBuilder<unknown>> {
  return {
    list: sql`list_id = ${read('listId')}`,
    inbox: sql`list_id is null`,
    due: sql`due_date >= ${read('dueFrom')} and due_date <= ${read('dueUntil')}`,
    completedAfter: sql`completed_at > ${read('completedAfter')}`,
    completed: sql`completed = ${read('completed')}`,
    all: sql`true`,
  };
}

export function toFilterArgs(filter: TaskFilter): FilterArgs {
  const { completed, listId, label, priority, due, search, updatedAfter, completedAfter } = filter;
  const isInRange = due?.from !== undefined || due?.until !== undefined;
  const [word1, word2, word3, word4, ...others] = search === undefined ? [] : toSearchWords(search);
  return {
    source: findSource(filter, isInRange),
    completed,
    ...(listId === null ? { isInbox: true } : { listId: listId?.toLowerCase() }),
    priority,
    ...(isInRange && { dueFrom: due.from ?? '-infinity', dueUntil: due.until ?? 'infinity' }),
    isUndated: due?.none,
    updatedAfter,
    completedAfter,
    ...(label !== undefined && { labels: toSpellings(label), foldedLabel: fold(label) }),
    word1,
    word2,
    word3,
    word4,
    ...(others.length > 0 && { patterns: others.map((word) => `%${word.replaceAll(/[\\%_]/g, String.raw`\$&`)}%`) }),
  };
}

function findSource({ listId, completed, completedAfter }: TaskFilter, isInRange: boolean): Source {
  if (listId !== undefined) return listId === null ? 'inbox' : 'list';
  if (isInRange) return 'due';
  if (completedAfter !== undefined) return 'completedAfter';
  return completed === undefined ? 'all' : 'completed';
}

function toAsciiLower(text: string): string {
  return text.replaceAll(/[A-Z]/g, (letter) => letter.toLowerCase());
}

/** Whether PostgreSQL compares all texts or labels of the tasks. */
export const isLongFilter = ({ word1, labels }: FilterArgs) => word1 !== undefined || labels !== undefined;

/** Characters of a folded label that are searched. It can have 600 bytes, and to search a long text for all of them can take long. */
const startLength = 16;

/** The label as `lower` can return it: in each normalization form, even if the database converts only ASCII letters. */
function toSpellings(label: string): string[] {
  return [
    ...new Set(
      (['NFC', 'NFD'] as const).flatMap((form) => {
        const text = label.normalize(form);
        return [text.toLowerCase(), toAsciiLower(text), toAsciiLower(text.toUpperCase())];
      }),
    ),
  ];
}

/**
 * The conditions as one expression on the columns of `tasks`. PostgreSQL takes a CASE for true in half of the rows. For the
 * conditions alone, it would expect almost no rows, and choose an index for them instead of the order.
 */
export function matches(read: ReadFilter): RawBuilder<boolean> {
  const ifGiven = (name: keyof FilterArgs, condition: RawBuilder<unknown>) =>
    sql`(${read(name)} is null or ${condition})`;
  const conditions = [
    ifGiven('completed', sql`completed = ${read('completed')}`),
    ifGiven('listId', sql`list_id = ${read('listId')}`),
    ifGiven('isInbox', sql`list_id is null`),
    ifGiven('priority', sql`priority = ${read('priority')}`),
    ifGiven('dueFrom', sql`due_date >= ${read('dueFrom')}`),
    ifGiven('dueUntil', sql`due_date <= ${read('dueUntil')}`),
    ifGiven('isUndated', sql`due_date is null`),
    ifGiven('updatedAfter', sql`updated_at > ${read('updatedAfter')}`),
    ifGiven('completedAfter', sql`completed_at > ${read('completedAfter')}`),
    ifGiven('labels', hasLabel(read)),
    ifGiven('word1', sql`case when is_folded then ${hasWords(read, sql`search`)} else ${hasWords(read, unfolded)} end`),
  ];
  return sql<boolean>`case when ${sql.join(conditions, sql` and `)} then true else false end`;
}

/** The first two conditions only save time. */
function hasLabel(read: ReadFilter) {
  return sql`labels <> '{}' and (not is_folded or strpos(search, left(${read('foldedLabel')}, ${sql.lit(startLength)})) > 0)
    and lower(labels::text)::text[] && ${read('labels')}`;
}

/** The searched text of tasks that maintenance has not folded yet, with the search text from before the latest change. */
const unfolded = sql`concat_ws(e'\n', search, lower(concat_ws(e'\n', title, description, array_to_string(labels, e'\t'))))`;

function hasWords(read: ReadFilter, text: RawBuilder<unknown>) {
  const hasWord = (name: keyof FilterArgs) => sql`strpos(${text}, ${read(name)}) > 0`;
  const others = (['word2', 'word3', 'word4'] as const).map((name) => sql`(${read(name)} is null or ${hasWord(name)})`);
  return sql`${hasWord('word1')} and ${sql.join(others, sql` and `)}
    and (${read('patterns')} is null or ${text} like all (${read('patterns')}))`;
}
