import { operationTitles } from '../operations.ts';
import type { Workers } from '../results.ts';
import { type ReportTable, toCpu, toNumber, toRange } from './table.ts';

export function toWorkersTables(results: Workers): ReportTable[] {
  return [toComparisonTable(results), toRestartTable(results)];
}

function toComparisonTable({ environment, workers, rounds, seconds, connections, ...rest }: Workers): ReportTable {
  return {
    heading: `WORKERS=${workers} against one process`,
    note: `Both servers run on the same database with the same load: ${connections} connections, ${rounds} rounds of ${seconds} s. Ratios are several ÷ one within a round: the median, and the lowest and highest in brackets. CPU is microseconds per request in all processes of the server + in all processes of PostgreSQL. The first ratio is of the server alone, the second of the sum. The main process passes connections and messages; its CPU is part of the server's. The server, PostgreSQL and the load share ${environment.cores} cores; the last columns show how many of them they used together. If they used all, the machine is the limit.`,
    environment,
    table: [
      [
        '',
        'CPU ratio of the server',
        'with PostgreSQL',
        'req/s ratio',
        'CPU of one',
        'CPU of several',
        'of it, main process',
        'req/s of one',
        'req/s of several',
        'cores, one',
        'cores, several',
      ],
      ...rest.operations.map(({ operation, serverCpu, mainCpu, cpu, requestsPerSecond, one, several }) => [
        operationTitles[operation],
        toRange(serverCpu),
        toRange(cpu),
        toRange(requestsPerSecond),
        toCpu(one),
        toCpu(several),
        toNumber(mainCpu, 1),
        toNumber(one.requestsPerSecond),
        toNumber(several.requestsPerSecond),
        toNumber(one.cores, 2),
        toNumber(several.cores, 2),
      ]),
    ],
  };
}

function toRestartTable({ environment, rollingRestart }: Workers): ReportTable {
  const { workers, restarts, perSecond, openStreams, ...result } = rollingRestart;
  const latencies = [result.p50, result.p99, result.longest].map((value) => toNumber(value, 1)).join(' / ');
  return {
    heading: `Rolling restarts with WORKERS=${workers}`,
    note: `${restarts} rolling restarts, one after another, under ${perSecond} requests per second: lists, gets, updates and creates in turn, each sent when it is due, whether or not earlier ones have a response. One in seven uses a new connection. Beside them, ${openStreams} clients follow the changes with one stream after another. A change is missing if a stream of its user does not show it.`,
    environment,
    table: [
      ['', ''],
      ['requests', toNumber(result.requests)],
      ['failed requests', toNumber(result.failures)],
      ['latency, ms: p50 / p99 / longest', latencies],
      ['streams', toNumber(result.streams)],
      ['refused or broken streams', toNumber(result.streamFailures)],
      ['missing changes', toNumber(result.missingChanges)],
    ],
  };
}
