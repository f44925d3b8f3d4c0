import { CsvError, parse } from 'csv-parse/browser/esm/sync';
import { type ImportFile, ImportFileError } from './types.ts';

/** A row of a CSV file. */
export interface Row {
  /** `line 5` */
  at: string;
  /** The trimmed value of a column by its name in lower case; empty if the row has no such column. */
  get(column: string): string;
}

export interface Table {
  /** Names in lower case, in their order. */
  columns: string[];
  rows: Row[];
}

/** Reads a CSV file. Its first row has the names of the columns. */
export function readTable({ name, text }: ImportFile): Table {
  // Excel writes this line to name the delimiter.
  const [, given] = /^\uFEFF?sep=(.)\r?\n/i.exec(text) ?? [];
  const records = parseRecords({ name, text }, given);
  const [header, ...others] = given === undefined ? records : records.slice(1);
  if (header === undefined) throw new ImportFileError(name, `${name} is empty. Choose another file.`);
  const columns = header.cells.map((cell) => cell.trim().toLowerCase());
  const rows = others.flatMap(({ cells, at }) => {
    if (cells.every((cell) => cell.trim() === '')) return [];
    const get = (column: string) => cells[columns.indexOf(column)]?.trim() ?? '';
    return [{ at, get }];
  });
  return { columns, rows };
}

function parseRecords({ name, text }: ImportFile, given: string | undefined) {
  const delimiter = given ?? findDelimiter(text);
  const options = { bom: true, info: true, delimiter, relax_column_count: true, skip_empty_lines: true } as const;
  try {
    // The types describe records without `info`.
    // The library counts `\r\n` in a value as two lines.
    const records = parse(text.replaceAll(/\r\n?/g, '\n'), options) as unknown as {
      record: string[];
      info: { lines: number };
    }[];
    return records.map(({ record: cells, info: { lines } }) => {
      // The library counts to the last line of a row with line breaks.
      const more = cells.reduce((sum, cell) => sum + (cell.match(/\n/g)?.length ?? 0), 0);
      return { cells, at: `line ${lines - more}` };
    });
  } catch (cause) {
    if (!(cause instanceof CsvError)) throw cause;
    const line = Number((cause as { lines?: number }).lines);
    throw new ImportFileError(name, `${name} is malformed at line ${line}. Correct the quotes there.`);
  }
}

/** The delimiter that is most frequent in the first line. */
function findDelimiter(text: string): string {
  const header = text
    .slice(0, 10_000)
    .split(/\r?\n/, 1)[0]!
    .replaceAll(/"[^"]*"/g, '');
  const count = (delimiter: string) => header.split(delimiter).length;
  return [',', ';', '\t'].reduce((best, next) => (count(next) > count(best) ? next : best));
}
