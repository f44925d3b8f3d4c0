import { toIsoTime } from '../schema/row-types.ts';
import type { Text, TextRow } from '../scope/prepared-statement.ts';

/** One field of a record: its column, and the conversion from PostgreSQL's text format. */
export interface Field<Column extends string = string, Value = unknown> {
  readonly column: Column;
  readonly read: (text: Text) => Value;
}

type Fields = Readonly<Record<string, Field>>;

/** The record that a field table describes. */
export type RecordOf<Table extends Fields> = { -readonly [Name in keyof Table]: ReturnType<Table[Name]['read']> };

/** The columns of a field table, in its order. */
export function columnsOf<Table extends Fields>(fields: Table): readonly Table[keyof Table]['column'][] {
  return Object.values(fields).map(({ column }) => column);
}

/**
 * Creates the function that converts a row of `columnsOf(fields)`; further columns are ignored. The function is compiled
 * from the field names, because an object literal costs half of a loop that assigns the same fields.
 */
export function createReader<Table extends Fields>(fields: Table): (row: TextRow) => RecordOf<Table> {
  const readers = Object.values(fields).map(({ read }) => read);
  const members = Object.keys(fields).map((name, at) => `${JSON.stringify(name)}: readers[${at}](row[${at}])`);
  // oxlint-disable-next-line typescript/no-implied-eval
  return new Function('readers', `return (row) => ({ ${members.join(', ')} })`)(readers) as (
    row: TextRow,
  ) => RecordOf<Table>;
}

export const readText = (text: Text): string => text!;
export const readOptionalText = (text: Text): string | null => text;
export const isTextReader = (read: Field['read']): boolean => read === readText || read === readOptionalText;
export const readBoolean = (text: Text): boolean => text === 't';
export const readInteger = (text: Text): number => Number(text);
/** ISO 8601 in UTC with milliseconds. */
export const readTime = (text: Text): string => toIsoTime(text!);
export const readOptionalTime = (text: Text): string | null => (text === null ? null : toIsoTime(text));
