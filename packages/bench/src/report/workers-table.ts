import { operationTitles } from '../operations.ts';
import type { Workers } from '../results.ts';
import { type ReportTable, toCpu, toNumber, toRange } from './table.ts';

export function toWorkersTables(results: Workers): ReportTable[] {
  return [toCpuTable(results), toThroughputTable(results), toRestartTable(results)];
}

function toCpuTable({ workers, fixedRate }: Workers): ReportTable {
  const { environment, rounds, seconds, connections, operations } = fixedRate;
  return {
    heading: `CPU with WORKERS=${workers} and with one process`,
    note: `Both servers run on the same database and get the same number of requests per second, each sent when it is due: half as many as one process answered in the next table, over ${connections} connections, in ${rounds} rounds of ${seconds} s. Ratios are several ÷ one within a round: the median, and the lowest and highest in brackets. CPU is microseconds per request in all processes of the server + in all processes of PostgreSQL. The first ratio is of the server alone, the second of the sum. A process takes more CPU per request if it has fewer of them, because others use the caches of the core meanwhile. The third ratio is therefore of the server’s CPU relative to one process with 1/${workers} of the rate, which is what each worker gets: it shows what the workers take to act as one server. The main process passes connections and messages; its CPU is part of the server’s. The server, PostgreSQL and the load share ${environment.cores} cores; the last columns show how many of them they used together.`,
    environment,
    table: [
      [
        '',
        'CPU ratio of the server',
        'with PostgreSQL',
        `relative to one with 1/${workers} of the rate`,
        'CPU of one',
        'CPU of several',
        'of it, main process',
        `server’s CPU of one with 1/${workers}`,
        'req/s due',
        'req/s of one',
        'req/s of several',
        'cores, one',
        'cores, several',
      ],
      ...operations.map(({ operation, serverCpu, mainCpu, cpu, perSecond, partCpu, partRatio, one, several }) => [
        operationTitles[operation],
        toRange(serverCpu),
        toRange(cpu),
        toRange(partRatio),
        toCpu(one),
        toCpu(several),
        toNumber(mainCpu, 1),
        toNumber(partCpu),
        toNumber(perSecond),
        toNumber(one.requestsPerSecond),
        toNumber(several.requestsPerSecond),
        toNumber(one.cores, 2),
        toNumber(several.cores, 2),
      ]),
    ],
  };
}

function toThroughputTable({ workers, closedLoop }: Workers): ReportTable {
  const { environment, rounds, seconds, connections, operations } = closedLoop;
  return {
    heading: `Requests per second with WORKERS=${workers} and with one process`,
    note: `Both servers run on the same database: ${connections} connections that each send the next request when they have the response to the last one, ${rounds} rounds of ${seconds} s. The ratio is several ÷ one within a round: the median, and the lowest and highest in brackets. The server, PostgreSQL and the load share ${environment.cores} cores; the last columns show how many of them they used together. If they used all, the machine is the limit, and processes that wait for a core lose the contents of its caches: compare CPU per request in the table above.`,
    environment,
    table: [
      [
        '',
        'req/s ratio',
        'req/s of one',
        'req/s of several',
        'CPU of one',
        'CPU of several',
        'cores, one',
        'cores, several',
      ],
      ...operations.map(({ operation, requestsPerSecond, one, several }) => [
        operationTitles[operation],
        toRange(requestsPerSecond),
        toNumber(one.requestsPerSecond),
        toNumber(several.requestsPerSecond),
        toCpu(one),
        toCpu(several),
        toNumber(one.cores, 2),
        toNumber(several.cores, 2),
      ]),
    ],
  };
}

function toRestartTable({ closedLoop, rollingRestart }: Workers): ReportTable {
  const { workers, restarts, perSecond, openStreams, ...result } = rollingRestart;
  const latencies = [result.p50, result.p99, result.longest].map((value) => toNumber(value, 1)).join(' / ');
  return {
    heading: `Rolling restarts with WORKERS=${workers}`,
    note: `${restarts} rolling restarts, one after another, under ${perSecond} requests per second: lists, gets, updates and creates in turn, each sent when it is due, whether or not earlier ones have a response. One in seven uses a new connection. Beside them, ${openStreams} clients follow the changes with one stream after another. A change is missing if a stream of its user does not show it.`,
    environment: closedLoop.environment,
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
