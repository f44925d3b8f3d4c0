import { type Operation, operations, operationTitles } from '../operations.ts';
import type { Circumstances, Comparison, ContestantResult, Measured, Results } from '../results.ts';
import { type Table, toNumber } from './table.ts';

/** A table under its heading, with what has to be known to read it. */
export interface ReportTable {
  heading: string;
  note: string;
  table: Table;
  circumstances: Circumstances;
}

/** All tables of what has been measured. */
export function toTables({ comparison, scale, oneUser, soak, start, profile, backup }: Results): ReportTable[] {
  return [
    ...(comparison === undefined ? [] : toComparisonTables(comparison)),
    ...(scale === undefined
      ? []
      : [
          {
            heading: `${toNumber(scale.large)} tasks against ${toNumber(scale.small)}`,
            note: 'Requests a second on the large database ÷ those on the small one within a round, and the medians of both. The large one has ten times as many users, all of whom call. Both are read whole beforehand, so that neither pays for a first look; each user calls once before each timing, so that Holdfast knows their tokens on both; the floor, which remembers none, shows what the data alone costs.',
            circumstances: scale.circumstances,
            table: [
              ['', 'large ÷ small', 'small, req/s', 'large, req/s', 'small, p99 ms', 'large, p99 ms'],
              ...scale.operations.map(({ operation, contestant, small, large, ratio }) => [
                `${contestant}: ${operationTitles[operation]}`,
                toNumber(ratio, 2),
                toNumber(small.requestsPerSecond),
                toNumber(large.requestsPerSecond),
                toNumber(small.p99, 1),
                toNumber(large.p99, 1),
              ]),
            ],
          },
        ]),
    ...(oneUser === undefined
      ? []
      : [
          {
            heading: `One user with ${toNumber(oneUser.tasks)} tasks`,
            note: 'Holdfast, pages of 50 unless the row says otherwise, one request at a time, 1,000 of each; milliseconds.',
            circumstances: oneUser.circumstances,
            table: [
              ['call', 'p50', 'p99'],
              ...oneUser.calls.map(({ title, p50, p99 }) => [title, toNumber(p50, 2), toNumber(p99, 2)]),
            ],
          },
        ]),
    ...(soak === undefined
      ? []
      : [
          {
            heading: `${toNumber(soak.requests)} mixed requests`,
            note: 'Holdfast: 3 lists, 3 gets, 2 updates, 1 create and 1 batch of 10 gets in every 10. Memory is the resident set; its slope is taken over the second half, for at first V8 lets the heap grow.',
            circumstances: soak.circumstances,
            table: [
              ['req/s', 'MiB at the start', 'at the end', 'at most', 'KiB per 1,000 requests'],
              [
                toNumber(soak.requestsPerSecond),
                toNumber(soak.startMiB),
                toNumber(soak.endMiB),
                toNumber(soak.highestMiB),
                toNumber(soak.kibPerThousandRequests, 1),
              ],
            ],
          },
        ]),
    ...(profile === undefined
      ? []
      : [
          {
            heading: 'Where the time of a list goes',
            note: `Holdfast, lists of 20, ${toNumber(profile.requests)} of them: samples of V8’s profiler by the function on top, in percent of the time in which the process was busy, and as microseconds of the ${toNumber(profile.serverCpu)} that a request costs under the profiler. Sockets and HTTP the floor has as well; tRPC’s steps are four for each call (caller, input, procedure, output) and copy their options each time; zod checks every row of the answer. A write wakes its receiver, which may take the core at once: that time is counted here as well.`,
            circumstances: profile.circumstances,
            table: [
              ['', '%', 'µs'],
              ...profile.shares.map(({ part, share }) => [
                part,
                toNumber(100 * share, 1),
                toNumber(profile.serverCpu * share, 1),
              ]),
            ],
          },
        ]),
    ...(backup === undefined
      ? []
      : [
          {
            heading: `Backup of ${toNumber(backup.tasks)} tasks`,
            note: `${toNumber(backup.textMB)} MB as text, of 1,000 users. Each step once, in a process of its own on the machine that the server runs on; from the start of the process to its end, and the most memory that it alone held. A restore of Holdfast's reads every table back and compares; the proof does that in a scratch database. pg_dump and pg_restore are there where the machine has one that fits the server.`,
            circumstances: backup.circumstances,
            table: [
              ['', 's', 'MB', 'MiB of memory'],
              ...backup.steps.map(({ title, seconds, sizeMB, residentMiB }) => [
                title,
                toNumber(seconds, 1),
                toNumber(sizeMB, 1),
                toNumber(residentMiB),
              ]),
            ],
          },
        ]),
    ...(start === undefined
      ? []
      : [
          {
            heading: 'From the command until it serves',
            note: 'Milliseconds until `GET /readyz` answers 200, embedded PostgreSQL included; medians of five, the first start once.',
            circumstances: start.circumstances,
            table: [
              ['', 'ms'],
              ['first start: makes the database, migrates', toNumber(start.empty)],
              ['on an existing data folder', toNumber(start.existing)],
              ...(start.existingByPnpm === null
                ? []
                : [['the same by `pnpm start`, which also checks what is installed', toNumber(start.existingByPnpm)]]),
            ],
          },
        ]),
  ];
}

function toComparisonTables({ contestants, circumstances, loadCpu }: Comparison): ReportTable[] {
  const head = ['', ...operations.map((operation) => operationTitles[operation])];
  const present = contestants.filter(({ absence }) => absence === null);
  const rows = (toCell: (measured: Measured) => string) =>
    contestants.map((contestant) =>
      contestant.absence === null
        ? [
            contestant.title,
            ...operations.map((operation) => {
              const measured = contestant.measured[operation];
              return measured === undefined ? '–' : toCell(measured);
            }),
          ]
        : [contestant.title, `left out: ${contestant.absence.split('\n', 1)[0]}`, ...operations.slice(1).map(() => '')],
    );
  const roundTripColumns = [...operations, 'delete'] as const;
  return [
    {
      heading: 'Round trips to PostgreSQL',
      note: 'Per request, counted on the wire. Where several are under way at once, how many come one after the other is in brackets: that many times the way to the database is waited for.',
      circumstances,
      table: [
        ['', ...roundTripColumns.map((operation) => operationTitles[operation])],
        ...present.map((contestant) => [
          contestant.title,
          ...roundTripColumns.map((operation) => toTrips(contestant, operation)),
        ]),
      ],
    },
    {
      heading: 'Requests a second ÷ floor',
      note: 'Medians of the ratios within a round; more is better.',
      circumstances,
      table: [head, ...rows(({ ratio }) => toNumber(ratio, 2))],
    },
    {
      heading: 'CPU per request',
      note: 'Microseconds in the Node process + in all processes of PostgreSQL; less is better. Of all figures here the one that depends least on what else the machine does. What lies between the two floors is the check of the token, which Holdfast alone does not repeat with every request.',
      circumstances,
      table: [head, ...rows(({ serverCpu, postgresCpu }) => `${toNumber(serverCpu)} + ${toNumber(postgresCpu)}`)],
    },
    {
      heading: 'Requests a second',
      note: `Medians. The load process used at most ${toNumber(loadCpu)} µs of CPU for a request.`,
      circumstances,
      table: [head, ...rows(({ requestsPerSecond }) => toNumber(requestsPerSecond))],
    },
    {
      heading: 'Latency',
      note: 'Milliseconds, p50 / p99, with every connection busy all the time: mostly the time spent waiting for a turn on the processor.',
      circumstances,
      table: [head, ...rows(({ p50, p99 }) => `${toNumber(p50, 1)} / ${toNumber(p99, 1)}`)],
    },
    {
      heading: 'Memory',
      note: 'Resident set of the Node process after the rounds; most of it is heap that V8 has not yet found worth giving back.',
      circumstances,
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
