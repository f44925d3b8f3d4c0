import { sql } from 'kysely';
import {
  columnsOf,
  createReader,
  isTextReader,
  readBoolean,
  readInteger,
  readOptionalText,
  readOptionalTime,
  readText,
  readTime,
  type RecordOf,
} from './fields.ts';

/**
 * The field table of tasks: the only list of a task's fields in this package, besides the entity and the migrations.
 *
 * Callers can set the fields with `isWritable`. A new task gets the value of `initial` if the caller omits the field;
 * a writable field without `initial` is required.
 */
const fields = {
  /** UUID; unique per owner. */
  id: { column: 'id', read: readText },
  /** 1 to 500 characters. */
  title: { column: 'title', read: readText, isWritable: true },
  /** At most 10,000 characters. */
  description: { column: 'description', read: readOptionalText, isWritable: true, initial: null },
  completed: { column: 'completed', read: readBoolean, isWritable: true, initial: false },
  /** Time of completion; null while the task is not completed. */
  completedAt: { column: 'completed_at', read: readOptionalTime },
  createdAt: { column: 'created_at', read: readTime },
  /** Time of the last change; the time of creation before the first change. */
  updatedAt: { column: 'updated_at', read: readTime },
  /** Starts at 1; each change adds 1. */
  version: { column: 'version', read: readInteger },
} as const;

/** A task. Times are ISO 8601 in UTC with milliseconds. */
export interface TaskRecord extends RecordOf<typeof fields> {}

type WritableName = {
  [Name in keyof typeof fields]: (typeof fields)[Name] extends { isWritable: true } ? Name : never;
}[keyof typeof fields];
type RequiredName = {
  [Name in WritableName]: (typeof fields)[Name] extends { initial: unknown } ? never : Name;
}[WritableName];
type Optional<Values> = { [Name in keyof Values]?: Values[Name] | undefined };

/** Values for all fields that callers can set. */
export type TaskValues = Pick<TaskRecord, WritableName>;
/** Values for a new task: required fields, and any others. */
export type NewTaskValues = Pick<TaskValues, RequiredName> & Optional<Omit<TaskValues, RequiredName>>;
/** Values for a change: any fields. */
export type TaskChanges = Optional<TaskValues>;

export const taskColumns = columnsOf(fields);

/** Converts a row of `taskColumns`. */
export const toTask: (row: (string | null)[]) => TaskRecord = createReader(fields);

/** The fields that callers can set, each with its column. */
export const writableFields = Object.entries(fields).flatMap(([name, field]) =>
  'isWritable' in field ? [{ name: name as WritableName, ...field }] : [],
);

/** The given values, completed with the initial values of omitted fields. */
export function withInitialValues(values: NewTaskValues): TaskValues {
  const complete: Record<string, unknown> = {};
  for (const field of writableFields) {
    const given = values[field.name];
    complete[field.name] = given === undefined && 'initial' in field ? field.initial : given;
  }
  return complete as unknown as TaskValues;
}

/**
 * The size of a task in bytes: its texts in UTF-8, and about as much as JSON adds for the names and the other fields. A
 * control character of a text counts as 1 byte, but takes 6 in JSON.
 */
export const taskBytes = sql<number>`${sql.join(
  writableFields
    .filter(({ read }) => isTextReader(read))
    .map(({ column }) => sql`coalesce(octet_length(${sql.ref(column)}), 0)`),
  sql` + `,
)} + 250`;

/** Whether all writable fields of the task have these values. */
export function hasValues(task: TaskRecord, values: TaskValues): boolean {
  return writableFields.every(({ name }) => task[name] === values[name]);
}
