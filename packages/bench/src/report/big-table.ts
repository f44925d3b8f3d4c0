import type { Big } from '../results.ts';
import { type ReportTable, toNumber } from './table.ts';

export function toBigTable({ environment, tasks, writeEveryMs, steps }: Big): ReportTable {
  const isFailing = steps.some(({ failures }) => failures > 0);
  return {
    heading: `Migrations and background work on ${toNumber(tasks)} tasks`,
    note: `One user writes every ${writeEveryMs} ms; the last column is the longest time that one of these writes took during the step. The database begins with the schema of the first release, and the writes have the form of that release. After the migrations, the server’s own operations write. Then a share of the tasks is in the trash and due, and half of the log is past its time. Search texts are made for 30 seconds only.`,
    environment,
    table: [
      ['', 'rows', 'seconds', 'writes', ...(isFailing ? ['failed'] : []), 'longest write, ms'],
      ...steps.map(({ title, rows, seconds, writes, failures, longestWriteMs }) => [
        title,
        toNumber(rows),
        toNumber(seconds, 1),
        toNumber(writes),
        ...(isFailing ? [toNumber(failures)] : []),
        toNumber(longestWriteMs),
      ]),
    ],
  };
}
