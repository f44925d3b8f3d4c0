import type { Circumstances, Comparison, Results } from '../results.ts';
import { type ReportTable, toTables } from './sections.ts';
import { toMarkdown, toNumber } from './table.ts';

/** docs/benchmarks.md. */
export function toPage(results: Results): string {
  const { comparison } = results;
  const parts = [
    '# Benchmarks',
    'Written by `pnpm bench --write`; the figures behind it are in [results.json](benchmarks/results.json). They are of one machine and one day: compare rows with each other, not with other pages.',
    ...(comparison === undefined ? [] : toIntroduction(comparison)),
    ...toTables(results).map((section) => toSection(section, section.circumstances !== comparison?.circumstances)),
    ...(comparison === undefined ? [] : formatIssue(comparison)),
    method,
    repetition,
  ];
  return `${parts.join('\n\n')}\n`;
}

function toSection({ heading, note, table, circumstances }: ReportTable, isElsewhere: boolean): string {
  const parts = [`## ${heading}`, note, toMarkdown(table)];
  if (isElsewhere) parts.push(`Measured on ${describe(circumstances)}.`);
  return parts.join('\n\n');
}

function toIntroduction(comparison: Comparison): string[] {
  const { users, tasks, connections, rounds, seconds, circumstances } = comparison;
  return [
    `${toNumber(users)} users with ${toNumber(tasks)} tasks each, ${connections} connections, medians of ${rounds} interleaved rounds of ${seconds} s. Measured on ${describe(circumstances)}.`,
    '![Requests a second, relative to the floor](benchmarks/throughput.svg)',
    '![CPU per request](benchmarks/cpu.svg)',
    '![Round trips to PostgreSQL](benchmarks/round-trips.svg)',
  ];
}

function describe({ at, processor, cores, memoryGiB, system, node, postgres, commit }: Circumstances): string {
  return `${at}: ${cores} × ${processor}, ${memoryGiB} GiB, ${system}, Node ${node}, PostgreSQL ${postgres}, commit ${commit}`;
}

function formatIssue({ contestants }: Comparison): string[] {
  return [
    '## What is compared',
    'The contestants do not do the same. Each is set up as its own pages recommend for production, one Node process with `NODE_ENV=production`, a pool of 10 connections, the same tables, the same check of the same EdDSA tokens (jose).',
    ...contestants.map(({ title, words, versions, absence }) => {
      const packages = Object.entries(versions).map(([name, version]) => `${name} ${version}`);
      return [
        `**${title}**${absence === null ? '' : ` (left out here: ${absence.split('\n', 1)[0]})`}. ${words.setup}`,
        `- keeps users apart by: ${words.isolation}`,
        `- checks: ${words.validation}`,
        `- ten gets in one request: ${words.batching}`,
        `- tokens: ${words.tokens}`,
        ...(packages.length > 0 ? [`- versions: ${packages.join(', ')}`] : []),
      ].join('\n');
    }),
  ];
}

const method = `## How it is measured

- **RetryPolicy.** Within a round every contestant is timed with every operation, one after the other, and the first to go changes from round to round. What else the machine does hits all of them alike, so ratios are taken within a round and the median of them is shown.
- **Load.** A process of its own with keep-alive connections on raw sockets, each sending its next request when the answer to the last is there. Users, tasks and titles are random, and no title comes twice, so that every update is a change. It runs on the same machine and takes its share of the processor, which is shown above.
- **Answers.** Before a contestant is timed its lists, gets, updates, creates and deletes are compared with what the database holds, and requests without a token, with a changed one and with another user's must not show the task. A single failed answer while the clock runs ends the run.
- **CPU.** \`utime\` and \`stime\` from \`/proc/<pid>/stat\` before and after, divided by the requests: of the contestant's process with all its threads, and of PostgreSQL's first process, every child of it and those that have ended meanwhile (\`cutime\`, \`cstime\`). The kernel counts in steps of 10 ms, which is nothing over a round. Without \`/proc\` there are no such figures.
- **Round trips.** A TCP proxy between a contestant and PostgreSQL holds every answer back for 4 ms: what is sent meanwhile has been sent without waiting and is the same trip, what is sent after an answer is the next one. Counted once connections are open and statements prepared.
- **Tokens.** An issuer of the benchmark's own signs one for each user. Whether a token that was verified is verified again is each contestant's own affair, and is told above; the second floor shows what that is worth.
- **PostgreSQL.** The embedded one, with a quarter of the memory as shared buffers, on huge pages where the machine has them set aside (\`vm.nr_hugepages\`): otherwise each of its processes pays for its first touch of every 4 KiB of a large database. Which it was stands with the version. Commits are waited for as ever. Autovacuum and timed checkpoints are off, and both are done by hand between the timings.`;

const repetition = `## To repeat it

\`\`\`sh
pnpm bench --quick                                                               # two minutes
pnpm bench --large --soak 500000 --one-user --profile --start --backup --write   # everything, and this page
\`\`\`

The peers are installed by npm into \`packages/bench/peers/*/node_modules\` at the first run. \`pnpm bench --help\` lists the rest.`;
