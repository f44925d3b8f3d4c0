import { type Operation, operations, operationTitles } from '../operations.ts';
import type { Measured, Scale } from '../results.ts';
import { type ReportTable, toCpu, toNumber, toRange } from './table.ts';

export function toScaleTable({ environment, small, large, operations: measured }: Scale): ReportTable {
  return {
    heading: `${toNumber(large)} tasks against ${toNumber(small)}`,
    note: 'Requests per second on the large database ÷ on the small one within a round, and the medians of both. The large database has ten times as many users, and all of them call. Both databases are read completely before the rounds. Each user calls once before each measurement, so that Holdfast’s token cache contains all users on both; the baseline, which caches no tokens, shows the effect of the data alone.',
    environment,
    table: [
      ['', 'large ÷ small', 'small, req/s', 'large, req/s', 'small, p99 ms', 'large, p99 ms'],
      ...measured.map((row) => [
        `${row.contestant}: ${operationTitles[row.operation]}`,
        toNumber(row.ratio, 2),
        toNumber(row.small.requestsPerSecond),
        toNumber(row.large.requestsPerSecond),
        toNumber(row.small.p99, 1),
        toNumber(row.large.p99, 1),
      ]),
    ],
  };
}

/** Compares the loss of Holdfast with that of the baseline, which shows what PostgreSQL and the machine lose. */
export function toLossTable({
  environment,
  small,
  large,
  operations: measured,
  losses,
}: Scale): ReportTable | undefined {
  // Results of earlier versions lack them.
  if (losses === undefined) return undefined;
  const find = (operation: Operation) => measured.filter((row) => row.operation === operation);
  return {
    heading: `Loss with ${toNumber(large)} tasks`,
    note: `CPU per request with ${toNumber(large)} tasks ÷ with ${toNumber(small)} in the same round, of the Node process and PostgreSQL together. The last column divides Holdfast’s ratio by that of the baseline in the same round: the median, and the lowest and highest in brackets. At most 1.10 is the goal: what is above 1.00 is Holdfast’s own loss.`,
    environment,
    table: [
      [
        '',
        'baseline, CPU',
        'Holdfast, CPU',
        'baseline, large ÷ small',
        'Holdfast, large ÷ small',
        'Holdfast ÷ baseline',
      ],
      ...operations.map((operation) => {
        const [baseline, holdfast] = find(operation);
        const loss = losses[operation];
        return [
          operationTitles[operation],
          toChange(baseline!),
          toChange(holdfast!),
          toNumber(loss.baseline.median, 2),
          toNumber(loss.holdfast.median, 2),
          toRange(loss.ratio),
        ];
      }),
    ],
  };
}

function toChange({ small, large }: { small: Measured; large: Measured }): string {
  return `${toCpu(small)} → ${toCpu(large)}`;
}
