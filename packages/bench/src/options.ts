import { existsSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { parseArgs } from 'node:util';

/** The parsed command line. */
export interface Options {
  users: number;
  tasks: number;
  rounds: number;
  seconds: number;
  warmUpSeconds: number;
  connections: number;
  only: string[];
  isComparing: boolean;
  /** Folder of another checkout of Holdfast. */
  against: string | undefined;
  /** Number of workers to compare with one process. 0 if they are not compared. */
  workers: number;
  /** Number of rolling restarts of the workers under load. */
  restarts: number;
  isOneUser: boolean;
  isLive: boolean;
  isLarge: boolean;
  /** Tasks of the section about work on the schema and in the background. 0 without this section. */
  bigTasks: number;
  isStart: boolean;
  isWeb: boolean;
  isBackup: boolean;
  isAbuse: boolean;
  /** Names of attacks; empty for all. */
  attacks: string[];
  isProfiling: boolean;
  soakRequests: number;
  /** If it is not 0, no other section runs. */
  faultMinutes: number;
  /** URL of a PostgreSQL server that replaces the embedded one. */
  server: string | undefined;
  isWriting: boolean;
  /** Writes the page from the stored results. */
  isPageOnly: boolean;
}

export const usage = `pnpm bench [flags]

Compares Holdfast with its peers. Other flags add sections.

  --quick             rounds of one second; takes about two minutes
  --rounds <n>        rounds per contestant and operation (default 7; with --quick 2)
  --seconds <s>       length of a round (default 3; with --quick 1)
  --connections <n>   keep-alive connections (default 16)
  --users, --tasks    number of users (default 1000), and of tasks per user (default 200)
  --only <names>      some of baseline-token-cache, holdfast, drizzle, drizzle-prepared, prisma, prisma-prepared,
                      postgraphile; the baseline always runs
  --no-comparison     only the sections below

  --against <folder>  this checkout against another one with installed packages, in the same rounds with the same
                      database, flags and load: ratios of CPU per request and requests per second. The database has
                      the migrations of this checkout.
  --workers <n>       a server with n workers against one with one process, and rolling restarts under load
  --one-user          a user with 100,000 tasks: first page, later pages, filters, orders
  --live              the change feed: its cost, first copies, delay of live streams, 10,000 idle streams
  --large             10,000 users with 1,000 tasks each, compared with the small database
  --big <n>           how long migrations, the trash and the log block writes with n tasks (10000000 takes
                      10 to 20 minutes and 30 GB)
  --soak <n>          memory during n mixed requests (200000 or more, because the heap grows at first)
  --profile           CPU time of a list by part of the Node process
  --faults <minutes>  only this test: database and network fail repeatedly, and the database is compared with
                      the acknowledged writes. Exits with 1 if they differ, or if a client is not served again.
  --web               the web app in Chromium, after \`pnpm start\` has built it: start, check mark, scrolling
  --start             time from \`pnpm start\` until the server is ready
  --backup            backup, verification and restore of 1,000,000 tasks; also with pg_dump if its version fits

  --abuse             latency of a well-behaved user beside attacks on the server; about 40 minutes, or 12 with --quick
  --attacks <names>   only some of the attacks (see packages/bench/src/abuse/attacks.ts)

  --server <url>      superuser URL of a disposable PostgreSQL, in place of the embedded one

  --write             writes the results to docs/benchmarks.md and docs/benchmarks/
  --page              only writes the page again from the stored results
`;

/** The command line is invalid. */
export class UsageError extends Error {
  override readonly name = 'UsageError';
}

/** @throws UsageError if a flag is unknown or a value is invalid. */
export function parseOptions(args: string[]): Options | 'help' {
  const values = readFlags(args);
  if (values.help) return 'help';
  return {
    users: toNumber('users', values.users, 2),
    tasks: toNumber('tasks', values.tasks, 20),
    rounds: toNumber('rounds', values.rounds ?? (values.quick ? '2' : '7'), 1),
    seconds: toNumber('seconds', values.seconds ?? (values.quick ? '1' : '3'), 0.1),
    warmUpSeconds: values.quick ? 0.5 : 2,
    connections: toNumber('connections', values.connections, 1),
    only: toList(values.only),
    isComparing: values.comparison,
    against: toCheckout(values.against),
    workers: toNumber('workers', values.workers),
    restarts: values.quick ? 1 : 5,
    isOneUser: values['one-user'],
    isLive: values.live,
    isLarge: values.large,
    bigTasks: toNumber('big', values.big),
    isStart: values.start,
    isWeb: values.web,
    isBackup: values.backup,
    isAbuse: values.abuse,
    attacks: toList(values.attacks),
    server: values.server,
    isProfiling: values.profile,
    soakRequests: toNumber('soak', values.soak),
    faultMinutes: toNumber('faults', values.faults),
    isWriting: values.write,
    isPageOnly: values.page,
  };
}

function toNumber(name: string, text: string, least = 0): number {
  const value = Number(text);
  if (text.trim() === '' || !(value >= least))
    throw new UsageError(`Invalid --${name}: '${text}'. Pass a number of at least ${least}.`);
  return value;
}

function toList(names: string): string[] {
  return names.split(',').filter((name) => name !== '');
}

function toCheckout(folder: string | undefined): string | undefined {
  if (folder === undefined) return undefined;
  if (!existsSync(join(folder, 'apps/server/src/main.ts')))
    throw new UsageError(`${folder} contains no Holdfast server. Pass the folder of a checkout to --against.`);
  return resolve(folder);
}

function readFlags(args: string[]) {
  try {
    return parseArgs({
      args,
      allowNegative: true,
      options: {
        quick: { type: 'boolean', default: false },
        rounds: { type: 'string' },
        seconds: { type: 'string' },
        connections: { type: 'string', default: '16' },
        users: { type: 'string', default: '1000' },
        tasks: { type: 'string', default: '200' },
        only: { type: 'string', default: '' },
        comparison: { type: 'boolean', default: true },
        against: { type: 'string' },
        workers: { type: 'string', default: '0' },
        'one-user': { type: 'boolean', default: false },
        live: { type: 'boolean', default: false },
        large: { type: 'boolean', default: false },
        big: { type: 'string', default: '0' },
        soak: { type: 'string', default: '0' },
        faults: { type: 'string', default: '0' },
        start: { type: 'boolean', default: false },
        web: { type: 'boolean', default: false },
        backup: { type: 'boolean', default: false },
        abuse: { type: 'boolean', default: false },
        attacks: { type: 'string', default: '' },
        server: { type: 'string' },
        profile: { type: 'boolean', default: false },
        write: { type: 'boolean', default: false },
        page: { type: 'boolean', default: false },
        help: { type: 'boolean', default: false },
      },
    }).values;
  } catch (error) {
    throw new UsageError((error as Error).message, { cause: error });
  }
}
