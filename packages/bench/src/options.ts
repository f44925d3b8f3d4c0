import { parseArgs } from 'node:util';

/** What the command line asks for. */
export interface Options {
  users: number;
  tasks: number;
  rounds: number;
  seconds: number;
  warmUpSeconds: number;
  connections: number;
  only: string[];
  isComparing: boolean;
  isOneUser: boolean;
  isLarge: boolean;
  isStart: boolean;
  isBackup: boolean;
  isProfiling: boolean;
  soakRequests: number;
  /** Nothing else is measured beside it. */
  faultMinutes: number;
  /** A PostgreSQL to measure on in place of the embedded one. */
  server: string | undefined;
  isWriting: boolean;
}

export const usage = `pnpm bench [flags]

  --quick             one-second rounds, about two minutes
  --rounds <n>        rounds of each contestant and operation (7; quick 2)
  --seconds <s>       length of each (3; quick 1)
  --connections <n>   keep-alive connections (16)
  --users, --tasks    users (1000), and tasks of each (200)
  --only <names>      of floor-remembering, holdfast, drizzle, drizzle-prepared, prisma, prisma-prepared, postgraphile
  --no-comparison     only the sections below

  --one-user          one user with 100,000 tasks: first page, later pages, filters, orders
  --large             10,000 users with 1,000 tasks each beside the small database
  --soak <n>          n mixed requests, and what memory does meanwhile (200000 or more: the heap grows at first)
  --profile           where the time of a list goes in the Node process
  --faults <minutes>  nothing but this: the server while its database and network fail again and again, and a ledger of
                      what clients were told; ends with 1 where the database holds anything
                      else, or a client is not served again
  --start             from \`pnpm start\` until it serves
  --backup            backup, proof and restore of 1,000,000 tasks, beside pg_dump where one fits the server

  --server <url>      a PostgreSQL of one's own to throw away afterwards, as superuser, in place of the embedded one

  --write             keeps the results in docs/benchmarks.md and docs/benchmarks/
`;

/** The command line cannot be understood. */
export class UsageError extends Error {
  override readonly name = 'UsageError';
}

/** @throws UsageError for a flag that there is not, or a number that is none. */
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
    only: values.only.split(',').filter((name) => name !== ''),
    isComparing: values.comparison,
    isOneUser: values['one-user'],
    isLarge: values.large,
    isStart: values.start,
    isBackup: values.backup,
    server: values.server,
    isProfiling: values.profile,
    soakRequests: toNumber('soak', values.soak),
    faultMinutes: toNumber('faults', values.faults),
    isWriting: values.write,
  };
}

function toNumber(name: string, text: string, least = 0): number {
  const value = Number(text);
  if (text.trim() === '' || !(value >= least))
    throw new UsageError(`--${name} must be a number from ${least}, not '${text}'`);
  return value;
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
        'one-user': { type: 'boolean', default: false },
        large: { type: 'boolean', default: false },
        soak: { type: 'string', default: '0' },
        faults: { type: 'string', default: '0' },
        start: { type: 'boolean', default: false },
        backup: { type: 'boolean', default: false },
        server: { type: 'string' },
        profile: { type: 'boolean', default: false },
        write: { type: 'boolean', default: false },
        help: { type: 'boolean', default: false },
      },
    }).values;
  } catch (error) {
    throw new UsageError((error as Error).message, { cause: error });
  }
}
