import type { Table } from './csv.ts';
import { findDateOrder, readDate } from './dates.ts';
import type { Draft, Reader } from './types.ts';

/** Columns with a field of tasks, or with a place of their own in the description. */
const usedColumns = new Set([
  'subject',
  'notes',
  'due date',
  'start date',
  'date completed',
  'categories',
  'priority',
  'reminder on/off',
  'reminder date',
  'reminder time',
]);

/** The values that say nothing, or only whether the task is completed. */
const usualValue = /^(?:|0(?:[.,]0+)?|1(?:[.,]0+)?|100\s*%?|0 .*|false|normal|not started|in progress|completed?)$/i;

const priorities = new Map<string, 0 | 1 | 3>([
  ['', 0],
  ['low', 1],
  ['normal', 0],
  ['high', 3],
]);

/** Outlook writes this in place of no date. */
const noDate = /^(?:0[-/.]0[-/.]0+|none)?$/i;

/** Reads the CSV file that Outlook exports from its folder of tasks, which is that of Microsoft To Do. */
export function readOutlookCsv({ present, report }: Reader, { columns, rows }: Table): Draft[] {
  const otherColumns = columns.filter((column) => column !== '' && !usedColumns.has(column));
  const dateColumns = ['due date', 'start date', 'date completed', 'reminder date'];
  const order = findDateOrder(rows.flatMap((row) => dateColumns.map((column) => row.get(column))));
  if (order === undefined) report('line 2', 'Dates such as 1/2/2027 have two meanings. The month is read first.');
  return rows.map((row) => {
    const facts: string[] = [];
    const keep = (name: string, text: string, problem: string) => {
      facts.push(`${name}: ${text}`);
      report(row.at, problem);
    };
    const dueText = row.get('due date');
    const due = noDate.test(dueText) ? null : readDate(dueText, present, order);
    if (due === undefined) keep('Due', dueText, 'The date is not understood. The description contains it.');
    const start = row.get('start date');
    if (!noDate.test(start) && start !== dueText) {
      keep('Start', start, 'Start dates are not supported. The description contains it.');
    }
    if (/^true$/i.test(row.get('reminder on/off'))) {
      const reminder = `${row.get('reminder date')} ${row.get('reminder time')}`.trim();
      keep('Reminder', reminder, 'Reminders are not supported. The description contains it.');
    }
    for (const column of otherColumns) {
      if (usualValue.test(row.get(column))) continue;
      keep(column, row.get(column), `There is no field for '${column.slice(0, 50)}'. The description contains it.`);
    }
    const priority = priorities.get(row.get('priority').toLowerCase());
    if (priority === undefined) report(row.at, 'The priority is not Low, Normal or High. It is not imported.');
    return {
      at: row.at,
      list: null,
      title: row.get('subject'),
      description: row.get('notes'),
      due: due ?? null,
      priority,
      labels: row.get('categories').split(/[;,]/),
      completed:
        /^completed?$/i.test(row.get('status')) ||
        /^(?:1|1[.,]0+|100\s*%?)$/.test(row.get('% complete')) ||
        !noDate.test(row.get('date completed')),
      facts,
    };
  });
}
