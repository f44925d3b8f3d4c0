import { parse as parseArray } from 'postgres-array';
import { toIsoTime } from '../schema/row-types.ts';
import type { Text, TextRow } from '../scope/prepared-statement.ts';

/** One field of a record: its columns with their types, and the conversion from their values in PostgreSQL's text format. */
export interface Field {
  readonly columns: Readonly<Record<string, string>>;
  readonly read: (...texts: never[]) => unknown;
}

type Fields = Readonly<Record<string, Field>>;

/** The record that a field table describes. */
export type RecordOf<Table extends Fields> = { -readonly [Name in keyof Table]: ReturnType<Table[Name]['read']> };

/** The names of the columns of a field table. */
export type ColumnOf<Table extends Fields> = {
  [Name in keyof Table]: keyof Table[Name]['columns'] & string;
}[keyof Table];

/** The columns of a field table, in its order. */
export function columnsOf<Table extends Fields>(fields: Table): readonly ColumnOf<Table>[] {
  return Object.values(fields).flatMap(({ columns }) => Object.keys(columns)) as ColumnOf<Table>[];
}

/**
 * Creates the function that converts a row of `columnsOf(fields)`; further columns are ignored. The function is compiled
 * from the field names, because an object literal costs half of a loop that assigns the same fields.
 */
export function createReader<Table extends Fields>(fields: Table): (row: TextRow) => RecordOf<Table> {
  const readers = Object.values(fields).map(({ read }) => read);
  const columns = columnsOf(fields);
  const members = Object.entries(fields).map(([name, field], reader) => {
    const texts = Object.keys(field.columns).map((column) => `row[${columns.indexOf(column as ColumnOf<Table>)}]`);
    return `${JSON.stringify(name)}: readers[${reader}](${texts.join(', ')})`;
  });
  // oxlint-disable-next-line typescript/no-implied-eval
  return new Function('readers', `return (row) => ({ ${members.join(', ')} })`)(readers) as (
    row: TextRow,
  ) => RecordOf<Table>;
}

export const readText = (text: Text): string => text!;
export const readOptionalText = (text: Text): string | null => text;
export const readBoolean = (text: Text): boolean => text === 't';
export const readInteger = (text: Text): number => Number(text);
export const readTexts = (text: Text): string[] => (text === '{}' ? [] : parseArray(text!));
/** ISO 8601 in UTC with milliseconds. */
export const readTime = (text: Text): string => toIsoTime(text!);
export const readOptionalTime = (text: Text): string | null => (text === null ? null : toIsoTime(text));
