import { contestants } from '../contestants/index.ts';
import type { Environment } from '../environment.ts';
import type { Comparison, Results } from '../results.ts';
import { toTables } from './sections.ts';
import { type ReportTable, toMarkdown, toNumber } from './table.ts';

/** Renders docs/benchmarks.md. */
export function toPage(results: Results): string {
  const { comparison } = results;
  const parts = [
    '# Benchmarks',
    '`pnpm bench --write` generates this page from [results.json](benchmarks/results.json). The numbers of a section come from one machine and one day. Compare rows with each other, not with other pages.',
    ...(comparison === undefined ? [] : toIntroduction(comparison)),
    ...toTables(results).map((section) => toSection(section, section.environment !== comparison?.environment)),
    ...(comparison === undefined ? [] : toContestantNotes(comparison)),
    method,
    repetition,
  ];
  return `${parts.join('\n\n')}\n`;
}

function toSection({ heading, note, table, environment }: ReportTable, hasOwnEnvironment: boolean): string {
  const parts = [`## ${heading}`, note, toMarkdown(table)];
  if (hasOwnEnvironment) parts.push(`Measured on ${describe(environment)}.`);
  return parts.join('\n\n');
}

function toIntroduction(comparison: Comparison): string[] {
  const { users, tasks, connections, rounds, seconds, environment } = comparison;
  return [
    `${toNumber(users)} users with ${toNumber(tasks)} tasks each, ${connections} connections, medians of ${rounds} rounds of ${seconds} s. Measured on ${describe(environment)}.`,
    '![Requests per second relative to the baseline](benchmarks/throughput.svg)',
    '![CPU per request](benchmarks/cpu.svg)',
    '![Round trips to PostgreSQL](benchmarks/round-trips.svg)',
  ];
}

function describe({ at, processor, cores, memoryGiB, system, node, postgres, commit }: Environment): string {
  return `${at}: ${cores} × ${processor}, ${memoryGiB} GiB, ${system}, Node ${node}, PostgreSQL ${postgres}, commit ${commit}`;
}

function toContestantNotes(comparison: Comparison): string[] {
  return [
    '## The contestants',
    'The contestants do not have the same features. Each runs as its documentation recommends for production: one Node process with `NODE_ENV=production`, a pool of 10 connections, the same tables, and the same check of the same EdDSA tokens (jose).',
    ...contestants.flatMap(({ name, title, notes }) => {
      const result = comparison.contestants.find((contestant) => contestant.name === name);
      if (result === undefined) return [];
      const { versions, skipReason } = result;
      const packages = Object.entries(versions).map(([dependency, version]) => `${dependency} ${version}`);
      return [
        `**${title}**${skipReason === null ? '' : ` (skipped: ${skipReason.split('\n', 1)[0]})`}. ${notes.setup}`,
        `- isolates users by: ${notes.isolation}`,
        `- validation: ${notes.validation}`,
        `- ten gets in one request: ${notes.batching}`,
        `- tokens: ${notes.tokens}`,
        ...(packages.length > 0 ? [`- versions: ${packages.join(', ')}`] : []),
      ].join('\n');
    }),
  ];
}

const method = `## How it is measured

- **Rounds.** In each round, every contestant runs every operation, in sequence. The order rotates from round to round, so that other work on the machine affects all contestants. Ratios are calculated within a round; the tables show their medians.
- **Load.** A separate process sends the requests over keep-alive connections. Each connection sends its next request after the last response. Users, tasks and titles are random, and each title is unique, so that every update changes a row. The load process shares the processor with the contestants; its CPU time is shown above.
- **Responses.** Before a contestant is measured, its lists, gets, updates, creates and deletes are compared with the database. A request without a token, with a changed token or with another user's token must not return the task. One failed request during the measurement stops the run.
- **CPU.** The difference of \`utime\` and \`stime\` in \`/proc/<pid>/stat\`, divided by the number of requests. The first number is the contestant's process with all threads and child processes. The second is PostgreSQL's parent process with all children, including exited ones (\`cutime\`, \`cstime\`). The kernel counts in steps of 10 ms, which is small in relation to a round. Without \`/proc\`, these numbers are missing.
- **Round trips.** A TCP proxy between a contestant and PostgreSQL delays every response by 4 ms. Requests that are sent during the delay belong to the same round trip; a request after a response starts the next one. The count starts when all connections are open and all statements are prepared.
- **Tokens.** The benchmark's issuer signs one token per user. The list of contestants shows which of them cache verified tokens. The baseline with token cache shows the gain.
- **PostgreSQL.** The embedded server, with a quarter of the memory as shared buffers. If the machine has huge pages (\`vm.nr_hugepages\`), the server uses them and the version says so. Without them, each server process pays for the first access to every 4 KiB of a large database. Commits are synchronous. Autovacuum and timed checkpoints are off; both run between the measurements.`;

const repetition = `## Run it yourself

\`\`\`sh
pnpm bench --quick                                                               # two minutes
pnpm bench --no-comparison --against ../before                                   # this checkout and an older one
pnpm bench --workers 2 --large --big 10000000 --soak 500000 --one-user --live --profile --start --web --backup --abuse --write   # all sections, and this page
\`\`\`

On the first run, npm installs the peers into \`packages/bench/peers/*/node_modules\`. \`pnpm bench --help\` lists all flags.`;
