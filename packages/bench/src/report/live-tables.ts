import type { Live } from '../results.ts';
import { type ReportTable, toCpu, toNumber, toRange } from './table.ts';

export function toLiveTables({ environment, rounds, calls, firstCopies, streams, idle }: Live): ReportTable[] {
  return [
    {
      heading: 'Change feed',
      note: `CPU per request, and its ratio to another call in the same round: the median of ${rounds} rounds, and the lowest and highest in brackets. Microseconds in the Node process + in all processes of PostgreSQL.`,
      environment,
      table: [
        ['', 'compared with', 'ratio', 'CPU', 'CPU of the other'],
        ...calls.map(({ title, base, ratio, measured, baseMeasured }) => [
          title,
          base,
          toRange(ratio),
          toCpu(measured),
          toCpu(baseMeasured),
        ]),
      ],
    },
    {
      heading: 'First copies and live streams',
      note: 'The typed client reads all tasks of a user in a separate process. For the delay, each user has one stream and writes at a fixed rate; the clock starts with the response to the write. The idle streams begin at the last change of their user, as those of clients that connect again. Their server polls the database once per second, which is its default.',
      environment,
      table: [
        ['', ''],
        ...firstCopies.map(({ tasks, seconds }) => [`first copy of ${toNumber(tasks)} tasks, s`, toNumber(seconds, 2)]),
        [
          `delay of a change at ${toNumber(streams.writesPerSecond)} writes per second, ${streams.watchers} users, ${toNumber(streams.writes)} writes, ms: p50 / p99`,
          `${toNumber(streams.p50, 1)} / ${toNumber(streams.p99, 1)}`,
        ],
        [
          `${toNumber(idle.streams)} idle streams: MiB of the process before / with them`,
          `${toNumber(idle.startMiB)} / ${toNumber(idle.endMiB)}`,
        ],
        [`${toNumber(idle.streams)} idle streams: percent of a core`, toNumber(100 * idle.cores, 1)],
      ],
    },
  ];
}
