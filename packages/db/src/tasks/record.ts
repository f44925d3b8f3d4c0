import { createEndPosition, fold, foldStart } from '@holdfast/task-values';
import { type RawBuilder, sql } from 'kysely';
import {
  type ChangesOf,
  type ColumnOf,
  columnsOf,
  createComparer,
  createCompleter,
  createReader,
  type NewValuesOf,
  readBoolean,
  readInteger,
  readOptionalText,
  readOptionalTime,
  readText,
  readTexts,
  readTime,
  type RecordOf,
  type ValuesOf,
  type WritableFields,
  writableFieldsOf,
} from '../records/fields.ts';
import { readDue, toDueColumns } from './due.ts';

/**
 * The field table of tasks: the only list of a task's fields in this package, besides the entity and the migrations.
 *
 * Callers can set the fields with `isWritable`. A new task gets the value of `initial` if the caller omits the field;
 * a writable field without `initial` is required. `toColumns` returns the values of the columns, if there are several.
 */
const fields = {
  /** UUID; unique per owner. */
  id: { columns: { id: 'uuid' }, read: readText },
  /** 1 to 500 characters. */
  title: { columns: { title: 'text' }, read: readText, isWritable: true },
  /** At most 10,000 characters. */
  description: { columns: { description: 'text' }, read: readOptionalText, isWritable: true, initial: () => null },
  completed: { columns: { completed: 'boolean' }, read: readBoolean, isWritable: true, initial: () => false },
  /** Time of completion; null while the task is not completed. */
  completedAt: { columns: { completed_at: 'timestamptz' }, read: readOptionalTime },
  createdAt: { columns: { created_at: 'timestamptz' }, read: readTime },
  /** Time of the last change; the time of creation before the first change. */
  updatedAt: { columns: { updated_at: 'timestamptz' }, read: readTime },
  /** Starts at 1; each change adds 1. */
  version: { columns: { version: 'integer' }, read: readInteger },
  /** UUID of the list; null in the inbox. */
  listId: { columns: { list_id: 'uuid' }, read: readOptionalText, isWritable: true, initial: () => null },
  due: {
    columns: { due_date: 'date', due_time: 'time', due_time_zone: 'text' },
    read: readDue,
    toColumns: toDueColumns,
    isWritable: true,
    initial: () => null,
  },
  /** 0 none, 1 low, 2 medium, 3 high. */
  priority: {
    columns: { priority: 'smallint' },
    read: (text: string | null) => Number(text) as 0 | 1 | 2 | 3,
    isWritable: true,
    initial: () => 0,
  },
  /** At most 20 labels of 1 to 50 characters. */
  labels: { columns: { labels: 'text[]' }, read: readTexts, isWritable: true, initial: () => [] },
  /** Key of the manual order, compared bytewise; tasks with equal keys are in order of their IDs. */
  position: {
    columns: { position: 'text' },
    read: readText,
    isWritable: true,
    initial: () => createEndPosition(Date.now()),
  },
  /** Time at which the task was moved to the trash. */
  deletedAt: { columns: { deleted_at: 'timestamptz' }, read: readOptionalTime },
} as const;

/** A task. Times are ISO 8601 in UTC with milliseconds. */
export interface TaskRecord extends RecordOf<typeof fields> {}

/** Values for all fields that callers can set. */
export type TaskValues = ValuesOf<typeof fields>;
/** Values for a new task: required fields, and any others. */
export type NewTaskValues = NewValuesOf<typeof fields>;
/** Values for a change: any fields. */
export type TaskChanges = ChangesOf<typeof fields>;

export const taskColumns = columnsOf(fields);

/** Converts a row of `taskColumns`. */
export const toTask: (row: (string | null)[]) => TaskRecord = createReader(fields);

const writableFields = writableFieldsOf(fields);

export type WritableColumn = ColumnOf<WritableFields<typeof fields>>;

/** The columns of the fields that callers can set, each with its type. */
export const writableColumns = writableFields.flatMap(({ columns }) =>
  Object.entries(columns).map(([column, type]) => ({ column: column as WritableColumn, type: type as string })),
);

/** Values of columns. Undefined columns do not change. */
export type ColumnValues = { [Column in WritableColumn]?: unknown };

/** The values of the columns of the given fields. */
export function toColumnValues(values: TaskChanges): ColumnValues {
  const given: ColumnValues = {};
  for (const field of writableFields) {
    const value = values[field.name];
    if (value === undefined) continue;
    if ('toColumns' in field) Object.assign(given, field.toColumns(value as TaskRecord['due']));
    else given[Object.keys(field.columns)[0] as WritableColumn] = value;
  }
  return given;
}

export const withInitialValues = createCompleter(fields);

export const hasValues = createComparer(fields);

/**
 * Most characters of a folded description: twice as many as a description can have. Only letters that are rare in all languages
 * become more than two: up to 18 each, which would make ten times as much work for the database as any other text. Search does not
 * find what is beyond the limit.
 */
const foldedLengthMax = 20_000;

/** The folded texts of a task. Undefined texts do not change. */
export interface FoldedTexts {
  foldedTitle: string | undefined;
  foldedDescription: string | undefined;
  /** The folded labels, separated by tabs. */
  foldedLabels: string | undefined;
}

export function toFoldedTexts({ title, description, labels }: TaskChanges): FoldedTexts {
  return {
    foldedTitle: title === undefined ? undefined : fold(title),
    foldedDescription: description === undefined ? undefined : foldStart(description ?? '', foldedLengthMax),
    foldedLabels: labels?.map(fold).join('\t'),
  };
}

/** The value of the column `search`: the folded texts of a task in one line each. */
export function toSearch(values: Pick<TaskValues, 'title' | 'description' | 'labels'>): string {
  const { foldedTitle, foldedDescription, foldedLabels } = toFoldedTexts(values);
  return [foldedTitle, foldedDescription, foldedLabels].join('\n');
}

/** What each task counts, besides its texts. */
export const taskBytesMin = 460;

type Texts = Record<'title' | 'description' | 'labels', RawBuilder<unknown>>;

const ownTexts: Texts = { title: sql`title`, description: sql`description`, labels: sql`labels` };

/**
 * The size of a task in bytes: its texts in UTF-8, and about as much as JSON adds for the names and the other fields. A
 * control character of a text counts as 1 byte, but takes 6 in JSON; `measureTask` and `taskJsonBytes` count these.
 */
export const taskBytes = countBytes(ownTexts, (text) => sql`octet_length(${text})`);

/** As `taskBytes`, with the characters that JSON escapes. It reads each text, which is too slow for all rows of a page. */
export const taskJsonBytes = countJsonBytes(ownTexts);

/** The size of the largest possible task: 11,500 characters of 4 bytes, and its other fields. */
export const taskBytesMax = 46_600;

/** As `taskJsonBytes`, for any texts. */
export function countJsonBytes(texts: Texts): RawBuilder<number> {
  return countBytes(texts, (text) => sql`octet_length(to_json(${text})::text) - 2`);
}

function countBytes(texts: Texts, toBytes: (text: RawBuilder<unknown>) => RawBuilder<number>): RawBuilder<number> {
  return sql`${toBytes(texts.title)} + coalesce(${toBytes(texts.description)}, 0)
    + ${toBytes(sql`array_to_string(${texts.labels}, ',,,')`)} + ${sql.lit(taskBytesMin)}`;
}

const textColumns = ['title', 'description', 'labels'].map((column) => taskColumns.indexOf(column as WritableColumn));

/** At least as much as `measureTask`. It only reads lengths: no part of a text takes more than 6 bytes in JSON. */
export function boundTask(row: readonly (string | null)[]): number {
  let length = 0;
  for (const column of textColumns) length += row[column]?.length ?? 0;
  return taskBytesMin + 6 * length;
}

/** The control characters that take 6 bytes in JSON. */
// oxlint-disable-next-line no-control-regex -- These are the characters to find.
const longEscapes = /[\0-\u0007\v\u000E-\u001F]/g;

/** As `taskBytes`, for a row of `taskColumns`, with the characters that JSON escapes. */
export function measureTask(row: readonly (string | null)[]): number {
  let bytes = taskBytesMin;
  for (const column of textColumns) {
    const text = row[column];
    if (text) bytes += Buffer.byteLength(text) + 5 * (text.match(longEscapes)?.length ?? 0);
  }
  return bytes;
}
