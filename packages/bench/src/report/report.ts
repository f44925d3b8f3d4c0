import type { Results } from '../results.ts';
import { toTables } from './sections.ts';
import { toText } from './table.ts';

/** Formats the results as plain text. */
export function toReport(results: Results): string {
  const skipped = (results.comparison?.contestants ?? [])
    .filter(({ skipReason }) => skipReason !== null)
    .map(({ title, skipReason }) => `${title} is skipped: ${skipReason}`);
  const tables = toTables(results).map(({ heading, note, table }) => `${heading}\n${note}\n\n${toText(table)}`);
  return [...tables, ...skipped].join('\n\n');
}
