import type { Results } from '../results.ts';
import { toTables } from './sections.ts';
import { toText } from './table.ts';

/** What has been measured, as plain text. */
export function toReport(results: Results): string {
  const absences = (results.comparison?.contestants ?? [])
    .filter(({ absence }) => absence !== null)
    .map(({ title, absence }) => `${title} is left out: ${absence}`);
  const tables = toTables(results).map(({ heading, note, table }) => `${heading}\n${note}\n\n${toText(table)}`);
  return [...tables, ...absences].join('\n\n');
}
