/** Rows of cells, the first row the head. */
export type Table = readonly (readonly string[])[];

/**
 * Plain text in columns, all but the last of even width and numbers to the right; the last is cut where the line would be
 * longer than the width.
 */
export function toColumns(table: Table, width: number): string {
  const clean = table.map((row) => row.map(toPrintable));
  const widths = (clean[0] ?? []).map((_, at) => Math.max(...clean.map((row) => row[at]?.length ?? 0)));
  return clean.map((row) => cut(row.map((cell, at) => align(cell, widths[at]!)).join('  '), width)).join('\n');
}

function align(cell: string, width: number): string {
  return /^~?[\d–]/.test(cell) ? cell.padStart(width) : cell.padEnd(width);
}

function cut(line: string, width: number): string {
  const text = line.trimEnd();
  return text.length > width ? `${text.slice(0, width - 1)}…` : text;
}

/** A name may hold what a terminal would take as an order. */
export function toPrintable(text: string): string {
  return text.replaceAll(/\p{Control}/gu, '�');
}
