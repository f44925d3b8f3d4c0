import { operationTitles } from '../operations.ts';
import type { Workers } from '../results.ts';
import { type ReportTable, toCpu, toNumber, toRange } from './table.ts';

export function toWorkersTable({ environment, workers, rounds, seconds, connections, ...rest }: Workers): ReportTable {
  return {
    heading: `WORKERS=${workers} against one process`,
    note: `Both servers run on the same database with the same load: ${connections} connections, ${rounds} rounds of ${seconds} s. Ratios are several ÷ one within a round: the median, and the lowest and highest in brackets. CPU is microseconds per request in all processes of the server + in all processes of PostgreSQL; its ratio is of the sum. The server, PostgreSQL and the load share ${environment.cores} cores; the last columns show how many of them they used together. If they used all, the machine is the limit.`,
    environment,
    table: [
      [
        '',
        'CPU ratio',
        'req/s ratio',
        'CPU of one',
        'CPU of several',
        'req/s of one',
        'req/s of several',
        'cores, one',
        'cores, several',
      ],
      ...rest.operations.map(({ operation, cpu, requestsPerSecond, one, several }) => [
        operationTitles[operation],
        toRange(cpu),
        toRange(requestsPerSecond),
        toCpu(one),
        toCpu(several),
        toNumber(one.requestsPerSecond),
        toNumber(several.requestsPerSecond),
        toNumber(one.cores, 2),
        toNumber(several.cores, 2),
      ]),
    ],
  };
}
