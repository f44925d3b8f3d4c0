import { parse as parseArray } from 'postgres-array';
import { toIsoTime } from '../schema/row-types.ts';
import type { Text, TextRow } from '../scope/prepared-statement.ts';

/** One field of a record: its columns with their types, and the conversion from their values in PostgreSQL's text format. */
export interface Field {
  readonly columns: Readonly<Record<string, string>>;
  readonly read: (...texts: never[]) => unknown;
  /** Whether callers can set the field. */
  readonly isWritable?: true;
  /** The value in a new record if the caller omits the field. Without it, a writable field is required. */
  readonly initial?: () => unknown;
}

type Fields = Readonly<Record<string, Field>>;

/** The record that a field table describes. */
export type RecordOf<Table extends Fields> = { -readonly [Name in keyof Table]: ReturnType<Table[Name]['read']> };

type WritableName<Table extends Fields> = {
  [Name in keyof Table]: Table[Name] extends { isWritable: true } ? Name : never;
}[keyof Table];
type RequiredName<Table extends Fields> = {
  [Name in WritableName<Table>]: Table[Name] extends { initial: unknown } ? never : Name;
}[WritableName<Table>];
type Optional<Values> = { [Name in keyof Values]?: Values[Name] | undefined };

/** The fields that callers can set. */
export type WritableFields<Table extends Fields> = Pick<Table, WritableName<Table>>;
/** Values for all fields that callers can set. */
export type ValuesOf<Table extends Fields> = Pick<RecordOf<Table>, WritableName<Table>>;
/** Values for a new record: required fields, and any others. */
export type NewValuesOf<Table extends Fields> = Pick<RecordOf<Table>, RequiredName<Table>> &
  Optional<Omit<ValuesOf<Table>, RequiredName<Table>>>;
/** Values for a change: any fields. */
export type ChangesOf<Table extends Fields> = Optional<ValuesOf<Table>>;

/** The names of the columns of a field table. */
export type ColumnOf<Table extends Fields> = {
  [Name in keyof Table]: keyof Table[Name]['columns'] & string;
}[keyof Table];

/** The columns of a field table, in its order. */
export function columnsOf<Table extends Fields>(fields: Table): readonly ColumnOf<Table>[] {
  return Object.values(fields).flatMap(({ columns }) => Object.keys(columns)) as ColumnOf<Table>[];
}

/** The fields that callers can set, with their names. */
export function writableFieldsOf<Table extends Fields>(
  fields: Table,
): (Table[WritableName<Table>] & { readonly name: WritableName<Table> })[] {
  const writable = Object.entries(fields).filter(([, field]) => field.isWritable);
  return writable.map(([name, field]) => Object.assign({ name }, field)) as never;
}

/** Creates the function that completes given values with the initial values of omitted fields. */
export function createCompleter<Table extends Fields>(fields: Table): (values: NewValuesOf<Table>) => ValuesOf<Table> {
  const writable = writableFieldsOf(fields);
  return (values) => {
    const complete: Record<string, unknown> = {};
    for (const { name, initial } of writable) {
      const given = (values as Record<string, unknown>)[name as string];
      complete[name as string] = given === undefined ? initial?.() : given;
    }
    return complete as ValuesOf<Table>;
  };
}

/** Creates the function that compares a record with values. Omitted fields may have any value. */
export function createComparer<Table extends Fields>(
  fields: Table,
): (record: RecordOf<Table>, values: ChangesOf<Table>) => boolean {
  const writable = writableFieldsOf(fields);
  return (record, values) =>
    writable.every(
      ({ name }) => values[name] === undefined || JSON.stringify(record[name]) === JSON.stringify(values[name]),
    );
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
/** Reads a `text[]` without nulls. */
export function readTexts(text: Text): string[] {
  if (text === '{}') return [];
  return text!.includes('\\') ? parseEscaped(text!) : parseArray(text!);
}
/** ISO 8601 in UTC with milliseconds. */
export const readTime = (text: Text): string => toIsoTime(text!);
export const readOptionalTime = (text: Text): string | null => (text === null ? null : toIsoTime(text));

const element = /"(?:[^"\\]|\\.)*"|[^,]+/gs;
// oxlint-disable-next-line no-control-regex -- JSON has escape sequences for these characters.
const control = /[\u0000-\u001f]/g;

/**
 * Reads an array in which PostgreSQL has escaped quotes or backslashes, as JSON does. `postgres-array` joins such a text from its
 * characters: for 20 labels of 50 quotes, that takes 80 µs, and 25 KB of memory.
 */
function parseEscaped(text: string): string[] {
  const items = text.slice(1, -1).replaceAll(element, (item) => (item.startsWith('"') ? item : `"${item}"`));
  const json = items.replaceAll(
    control,
    (character) => `\\u00${character.charCodeAt(0).toString(16).padStart(2, '0')}`,
  );
  return JSON.parse(`[${json}]`) as string[];
}
