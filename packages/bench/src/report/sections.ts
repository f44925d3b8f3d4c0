import { type Operation, operations, operationTitles } from '../operations.ts';
import type {
  Backup,
  Change,
  Comparison,
  ContestantResult,
  Measured,
  OneUser,
  Profile,
  Results,
  Soak,
  Start,
} from '../results.ts';
import { toAbuseTable } from './abuse-table.ts';
import { toBigTable } from './big-table.ts';
import { toLiveTables } from './live-tables.ts';
import { toLossTable, toScaleTable } from './scale-tables.ts';
import { type ReportTable, toCpu, toNumber, toRange } from './table.ts';
import { toWebTable } from './web-table.ts';
import { toWorkersTables } from './workers-table.ts';

/** All tables, in the order of the page. */
export function toTables(results: Results): ReportTable[] {
  const { comparison, change, scale, big, oneUser, live, soak, profile, backup, abuse, start, web, workers } = results;
  return [
    ...(comparison === undefined ? [] : toComparisonTables(comparison)),
    change && toChangeTable(change),
    ...(workers === undefined ? [] : toWorkersTables(workers)),
    scale && toScaleTable(scale),
    scale && toLossTable(scale),
    big && toBigTable(big),
    oneUser && toOneUserTable(oneUser),
    ...(live === undefined ? [] : toLiveTables(live)),
    soak && toSoakTable(soak),
    profile && toProfileTable(profile),
    backup && toBackupTable(backup),
    abuse && toAbuseTable(abuse),
    start && toStartTable(start),
    web && toWebTable(web),
  ].filter((table) => table !== undefined);
}

function toChangeTable({
  environment,
  before,
  rounds,
  seconds,
  connections,
  operations: measured,
}: Change): ReportTable {
  return {
    heading: `Commit ${environment.commit} against ${before}`,
    note: `Both servers run on the same tasks with the same flags and load, and the old one without the indexes of new features: ${connections} connections, ${rounds} rounds of ${seconds} s. Ratios are new ÷ old within a round: the median, and the lowest and highest in brackets. CPU is microseconds per request in the Node process + in all processes of PostgreSQL; its ratio is of the sum.`,
    environment,
    table: [
      ['', 'CPU, new ÷ old', 'req/s, new ÷ old', 'old CPU', 'new CPU', 'old req/s', 'new req/s', 'round trips'],
      ...measured.map(({ operation, cpu, requestsPerSecond, before: old, after }) => [
        operationTitles[operation],
        toRange(cpu),
        toRange(requestsPerSecond),
        toCpu(old),
        toCpu(after),
        toNumber(old.requestsPerSecond),
        toNumber(after.requestsPerSecond),
        old.trips === after.trips ? toCount(after.trips) : `${toCount(old.trips)} → ${toCount(after.trips)}`,
      ]),
    ],
  };
}

function toOneUserTable({ environment, tasks, calls }: OneUser): ReportTable {
  return {
    heading: `One user with ${toNumber(tasks)} tasks`,
    note: 'Holdfast, pages of 50 unless the row says otherwise, one request at a time, 1,000 requests or 10 s per row; milliseconds.',
    environment,
    table: [['call', 'p50', 'p99'], ...calls.map(({ title, p50, p99 }) => [title, toNumber(p50, 2), toNumber(p99, 2)])],
  };
}

function toSoakTable(soak: Soak): ReportTable {
  return {
    heading: `${toNumber(soak.requests)} mixed requests`,
    note: 'Holdfast: 3 lists, 3 gets, 2 updates, 1 create and 1 batch of 10 gets in every 10 requests. Memory is the resident set. The growth per request is measured in the second half, because V8 grows the heap at first.',
    environment: soak.environment,
    table: [
      ['req/s', 'MiB at the start', 'MiB at the end', 'highest MiB', 'KiB per 1,000 requests'],
      [
        toNumber(soak.requestsPerSecond),
        toNumber(soak.startMiB),
        toNumber(soak.endMiB),
        toNumber(soak.highestMiB),
        toNumber(soak.kibPerThousandRequests, 1),
      ],
    ],
  };
}

function toProfileTable({ environment, requests, serverCpu, shares }: Profile): ReportTable {
  return {
    heading: 'CPU time of a list by part',
    note: `Holdfast, ${toNumber(requests)} lists of 20. V8’s profiler assigns each sample to the function on top of the stack. Shares are in percent of the busy time of the process, and in microseconds of the ${toNumber(serverCpu)} that a request takes under the profiler. The baseline has sockets and HTTP too. tRPC runs four steps per call (caller, input, procedure, output) and copies its options in each. zod checks every row of the response. A write wakes its receiver, which can take over the core immediately: the write includes that time.`,
    environment,
    table: [
      ['', '%', 'µs'],
      ...shares.map(({ part, share }) => [part, toNumber(100 * share, 1), toNumber(serverCpu * share, 1)]),
    ],
  };
}

function toBackupTable({ environment, tasks, textMB, steps }: Backup): ReportTable {
  return {
    heading: `Backup of ${toNumber(tasks)} tasks`,
    note: `${toNumber(textMB)} MB as text, of 1,000 users. Each step runs once in a new process on the server’s machine. The table shows the time from the start of the process to its exit, and the peak memory of that process alone. Holdfast’s restore reads every table again and compares it; \`verify\` does the same in a scratch database. pg_dump and pg_restore run if the machine has a version that fits the server.`,
    environment,
    table: [
      ['', 's', 'MB', 'MiB of memory'],
      ...steps.map(({ title, seconds, sizeMB, residentMiB }) => [
        title,
        toNumber(seconds, 1),
        toNumber(sizeMB, 1),
        toNumber(residentMiB),
      ]),
    ],
  };
}

function toStartTable({ environment, empty, existing, existingByPnpm }: Start): ReportTable {
  return {
    heading: 'Start time',
    note: 'Milliseconds from the command until `GET /readyz` returns 200, including the embedded PostgreSQL. Medians of five starts; the first start is measured once.',
    environment,
    table: [
      ['', 'ms'],
      ['first start: creates the database, migrates', toNumber(empty)],
      ['with an existing data folder', toNumber(existing)],
      ...(existingByPnpm === null
        ? []
        : [['the same with `pnpm start`, which also checks the installed packages', toNumber(existingByPnpm)]]),
    ],
  };
}

function toComparisonTables({ contestants, environment, loadCpu }: Comparison): ReportTable[] {
  const head = ['', ...operations.map((operation) => operationTitles[operation])];
  const present = contestants.filter(({ skipReason }) => skipReason === null);
  const rows = (toCell: (measured: Measured) => string) =>
    contestants.map((contestant) =>
      contestant.skipReason === null
        ? [
            contestant.title,
            ...operations.map((operation) => {
              const measured = contestant.measured[operation];
              return measured === undefined ? '–' : toCell(measured);
            }),
          ]
        : [
            contestant.title,
            `skipped: ${contestant.skipReason.split('\n', 1)[0]}`,
            ...operations.slice(1).map(() => ''),
          ],
    );
  const roundTripColumns = [...operations, 'delete'] as const;
  return [
    {
      heading: 'Round trips to PostgreSQL',
      note: 'Per request, counted by a proxy. If round trips run in parallel, the number of consecutive ones is in brackets: the request waits that many times for the network.',
      environment,
      table: [
        ['', ...roundTripColumns.map((operation) => operationTitles[operation])],
        ...present.map((contestant) => [
          contestant.title,
          ...roundTripColumns.map((operation) => toTrips(contestant, operation)),
        ]),
      ],
    },
    {
      heading: 'Requests per second ÷ baseline',
      note: 'Medians of the ratios within a round; more is better.',
      environment,
      table: [head, ...rows(({ ratio }) => toNumber(ratio, 2))],
    },
    {
      heading: 'CPU per request',
      note: 'Microseconds in the Node process + in all processes of PostgreSQL; less is better. Of all numbers here, these depend least on other work on the machine. The difference between the two baselines is the token check. Of the other contestants, only Holdfast caches it.',
      environment,
      table: [head, ...rows(toCpu)],
    },
    {
      heading: 'Requests per second',
      note: `Medians. The load process used at most ${toNumber(loadCpu)} µs of CPU per request.`,
      environment,
      table: [head, ...rows(({ requestsPerSecond }) => toNumber(requestsPerSecond))],
    },
    {
      heading: 'Latency',
      note: 'Milliseconds, p50 / p99. All connections are always busy, so most of this time is spent waiting for the processor.',
      environment,
      table: [head, ...rows(({ p50, p99 }) => `${toNumber(p50, 1)} / ${toNumber(p99, 1)}`)],
    },
    {
      heading: 'Memory',
      note: 'Resident set of the Node process after the rounds. Most of it is heap that V8 has not returned to the system yet.',
      environment,
      table: [['', 'MiB'], ...present.map(({ title, residentMiB }) => [title, toNumber(residentMiB)])],
    },
  ];
}

function toTrips({ roundTrips }: ContestantResult, operation: Operation | 'delete'): string {
  const counted = roundTrips[operation];
  if (counted === undefined) return '–';
  const [trips, depth] = [toCount(counted.trips), toCount(counted.depth)];
  return trips === depth ? trips : `${trips} (${depth})`;
}

function toCount(value: number): string {
  return toNumber(value, Number.isInteger(value) ? 0 : 1);
}
