import { operations, operationTitles } from '../operations.ts';
import type { Comparison, Measured, RoundTrips } from '../results.ts';
import { type Bar, type Chart, toSvg } from './chart.ts';
import { toNumber } from './table.ts';

/** The charts of a comparison, by file name. */
export function toCharts({ contestants }: Comparison): Record<string, string> {
  const present = contestants.filter(({ skipReason }) => skipReason === null);
  const groups = (toBar: (measured: Measured, trips: RoundTrips | undefined) => Omit<Bar, 'title' | 'isMarked'>) =>
    operations.map((operation) => ({
      title: operationTitles[operation],
      bars: present.flatMap(({ name, title, measured, roundTrips }) => {
        const found = measured[operation];
        const isMarked = name === 'holdfast';
        return found === undefined ? [] : [{ title, isMarked, ...toBar(found, roundTrips[operation]) }];
      }),
    }));
  const charts: Record<string, Chart> = {
    'throughput.svg': {
      title: 'Requests per second ÷ baseline: more is better',
      legend: [],
      groups: groups(({ ratio }) => ({ parts: [ratio], label: toNumber(ratio, 2) })),
    },
    'cpu.svg': {
      title: 'CPU per request, µs: less is better',
      legend: ['Node', 'PostgreSQL'],
      groups: groups(({ serverCpu, postgresCpu }) => ({
        parts: [serverCpu, postgresCpu].map((value) => (Number.isFinite(value) ? value : 0)),
        label: `${toNumber(serverCpu)} + ${toNumber(postgresCpu)}`,
      })),
    },
    'round-trips.svg': {
      title: 'Round trips to PostgreSQL per request: less is better',
      legend: [],
      groups: groups((_, trips) => ({ parts: [trips?.trips ?? 0], label: toNumber(trips?.trips) })),
    },
  };
  return Object.fromEntries(Object.entries(charts).map(([file, chart]) => [file, toSvg(chart)]));
}
