import { type AttackName, attacks } from '../abuse/attacks.ts';
import type { Abuse } from '../results.ts';
import { type ReportTable, toNumber } from './table.ts';

export function toAbuseTable(abuse: Abuse): ReportTable {
  const { environment, rounds, seconds, callsPerSecond, signInsPerSecond } = abuse;
  return {
    heading: 'Abuse',
    note: `A well-behaved user calls at a fixed rate while others attack the server: ${callsPerSecond} lists, gets, updates and creates per second, or ${signInsPerSecond} sign-ins per second, each measured from the time when it was due. ${rounds} rounds of ${seconds} s without the attack alternate with rounds beside it, and each row has a new server process with default settings. The write-ahead log has files to use again, as on a database that has been in use. Milliseconds are p50 / p99 over all requests. The goal is a ratio of the p99s of at most 3, and at most 512 MiB. The ratio of the first row is the noise. Attackers run in a separate process on the same cores, with the lowest priority: the table shows their CPU, because a part of the delay is theirs.`,
    environment,
    table: [
      [
        '',
        'without, ms',
        'with, ms',
        'p99 ratio',
        'failed',
        'peak MiB',
        'requests of attackers',
        'their cores',
        'cores of the server',
      ],
      ...abuse.attacks.map((row) => [
        `${attacks[row.name as AttackName]?.title ?? row.name}${row.kind === 'calls' ? '' : ' (sign-ins)'}`,
        `${toNumber(row.quiet.p50, 1)} / ${toNumber(row.quiet.p99, 1)}`,
        `${toNumber(row.attacked.p50, 1)} / ${toNumber(row.attacked.p99, 1)}`,
        toNumber(row.attacked.p99 / row.quiet.p99, 1),
        toNumber(row.failures),
        toNumber(row.peakMiB),
        toNumber(row.attackRequests),
        toNumber(row.attackCores, 2),
        toNumber(row.serverCores, 2),
      ]),
    ],
  };
}
