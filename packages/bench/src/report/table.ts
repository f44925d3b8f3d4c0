import type { Environment } from '../environment.ts';
import type { Measured, Ratio } from '../results.ts';

/** Rows of cells. The first row is the head. */
export type Table = readonly (readonly string[])[];

/** A table with heading and explanation. */
export interface ReportTable {
  heading: string;
  note: string;
  table: Table;
  environment: Environment;
}

/** Formats a table as plain text. The first column is left-aligned, the others right-aligned. */
export function toText(table: Table): string {
  const widths = columnsOf(table).map((column) => Math.max(...column.map((cell) => cell.length)));
  const line = (row: readonly string[]) =>
    row.map((cell, at) => (at === 0 ? cell.padEnd(widths[at]!) : cell.padStart(widths[at]!))).join('  ');
  const [head = [], ...rows] = table;
  return [line(head), widths.map((width) => '-'.repeat(width)).join('  '), ...rows.map(line)].join('\n');
}

/** Formats a table as Markdown. The first column is left-aligned, the others right-aligned. */
export function toMarkdown(table: Table): string {
  const [head = [], ...rows] = table;
  const alignment = head.map((_, at) => (at === 0 ? '---' : '--:')).join('|');
  return [toMarkdownRow(head), `|${alignment}|`, ...rows.map(toMarkdownRow)].join('\n');
}

function toMarkdownRow(row: readonly string[]): string {
  return `| ${row.map((cell) => cell.replaceAll('|', '\\|')).join(' | ')} |`;
}

function columnsOf(table: Table): string[][] {
  return (table[0] ?? []).map((_, at) => table.map((row) => row[at] ?? ''));
}

/** Formats a number with thousands separators; a dash if there is no number. */
export function toNumber(value: number | null | undefined, decimals = 0): string {
  if (value === null || value === undefined || !Number.isFinite(value)) return '–';
  return value.toLocaleString('en', { minimumFractionDigits: decimals, maximumFractionDigits: decimals });
}

/** CPU per request: Node process + PostgreSQL. */
export function toCpu({ serverCpu, postgresCpu }: Measured): string {
  return `${toNumber(serverCpu)} + ${toNumber(postgresCpu)}`;
}

/** The median, and the lowest and highest in brackets. */
export function toRange({ median, lowest, highest }: Ratio): string {
  return `${toNumber(median, 2)} (${toNumber(lowest, 2)}–${toNumber(highest, 2)})`;
}
