import { createEndPosition } from '@holdfast/task-values';
import {
  columnsOf,
  createReader,
  readInteger,
  readOptionalText,
  readOptionalTime,
  readText,
  readTime,
  type RecordOf,
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

type WritableName = {
  [Name in keyof typeof fields]: (typeof fields)[Name] extends { isWritable: true } ? Name : never;
}[keyof typeof fields];
type RequiredName = {
  [Name in WritableName]: (typeof fields)[Name] extends { initial: unknown } ? never : Name;
}[WritableName];
type Optional<Values> = { [Name in keyof Values]?: Values[Name] | undefined };

/** Values for all fields that callers can set. */
export type ListValues = Pick<ListRecord, WritableName>;
/** Values for a new list: required fields, and any others. */
export type NewListValues = Pick<ListValues, RequiredName> & Optional<Omit<ListValues, RequiredName>>;
/** Values for a change: any fields. */
export type ListChanges = Optional<ListValues>;

export const listColumns = columnsOf(fields);

/** Converts a row of `listColumns`. */
export const toList: (row: (string | null)[]) => ListRecord = createReader(fields);

const writableFields = Object.entries(fields).flatMap(([name, field]) =>
  'isWritable' in field ? [{ name: name as WritableName, ...field }] : [],
);

/** The columns of the fields that callers can set. */
export const writableListColumns = writableFields.map(({ name }) => name);

/** The given values, completed with the initial values of omitted fields. */
export function withInitialListValues(values: NewListValues): ListValues {
  const complete: Record<string, unknown> = {};
  for (const field of writableFields) {
    const given = values[field.name];
    complete[field.name] = given === undefined && 'initial' in field ? field.initial() : given;
  }
  return complete as unknown as ListValues;
}

/** Whether the fields of the list have these values. Omitted fields may have any value. */
export function hasListValues(list: ListRecord, values: ListChanges): boolean {
  return writableFields.every(({ name }) => values[name] === undefined || list[name] === values[name]);
}
