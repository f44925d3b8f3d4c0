import { createEndPosition } from '@holdfast/task-values';
import {
  type ChangesOf,
  columnsOf,
  createComparer,
  createCompleter,
  createReader,
  type NewValuesOf,
  readInteger,
  readOptionalText,
  readOptionalTime,
  readText,
  readTime,
  type RecordOf,
  type ValuesOf,
  writableFieldsOf,
} from '../records/fields.ts';

/**
 * The field table of lists: the only list of a list's fields in this package, besides the entity and the migrations.
 *
 * Callers can set the fields with `isWritable`, each of which has one column with the field's name. A new list gets the value of
 * `initial` if the caller omits the field; a writable field without `initial` is required.
 */
const fields = {
  /** UUID; unique per owner. */
  id: { columns: { id: 'uuid' }, read: readText },
  /** 1 to 200 characters. */
  name: { columns: { name: 'text' }, read: readText, isWritable: true },
  /** 1 to 50 characters, or null. */
  color: { columns: { color: 'text' }, read: readOptionalText, isWritable: true, initial: () => null },
  /** Key of the manual order, compared bytewise; lists with equal keys are in order of their IDs. */
  position: {
    columns: { position: 'text' },
    read: readText,
    isWritable: true,
    initial: () => createEndPosition(Date.now()),
  },
  /** Time at which the list was archived; null while it is in use. */
  archivedAt: { columns: { archived_at: 'timestamptz' }, read: readOptionalTime },
  createdAt: { columns: { created_at: 'timestamptz' }, read: readTime },
  /** Time of the last change; the time of creation before the first change. */
  updatedAt: { columns: { updated_at: 'timestamptz' }, read: readTime },
  /** Starts at 1; each change adds 1. */
  version: { columns: { version: 'integer' }, read: readInteger },
} as const;

/** A list of tasks. Times are ISO 8601 in UTC with milliseconds. */
export interface ListRecord extends RecordOf<typeof fields> {}

/** Values for all fields that callers can set. */
export type ListValues = ValuesOf<typeof fields>;
/** Values for a new list: required fields, and any others. */
export type NewListValues = NewValuesOf<typeof fields>;
/** Values for a change: any fields. */
export type ListChanges = ChangesOf<typeof fields>;

export const listColumns = columnsOf(fields);

/** Converts a row of `listColumns`. */
export const toList: (row: (string | null)[]) => ListRecord = createReader(fields);

/** The columns of the fields that callers can set. */
export const writableListColumns = writableFieldsOf(fields).map(({ name }) => name);

export const withInitialListValues = createCompleter(fields);

export const hasListValues = createComparer(fields);
