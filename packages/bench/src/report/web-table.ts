import type { Web } from '../sections/web.ts';
import { type ReportTable, toNumber } from './table.ts';

export function toWebTable({ environment, tasks, slowdown, ...web }: Web): ReportTable {
  return {
    heading: 'Web app',
    note: `A returning user with ${toNumber(tasks)} tasks in Chromium, whose processor is slowed down ${slowdown} times, on the machine of the server. The start needs these requests besides files of the app: ${web.requests.join(', ')}.`,
    environment,
    table: [
      ['', ''],
      ['start until the first list is shown, ms', toNumber(web.startMs)],
      ['click until the frame with the check mark, ms', toNumber(web.checkMarkMs)],
      ['the same without the slowdown, ms', toNumber(web.fastCheckMarkMs)],
      ['click until the server has responded, ms', toNumber(web.serverMs)],
      ['scrolling through all tasks: pauses of more than 100 ms', toNumber(web.longTasks)],
      ['scrolling through all tasks: longest pause, ms', toNumber(web.longestTaskMs)],
    ],
  };
}
