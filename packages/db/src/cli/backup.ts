import process from 'node:process';
import { type Command, InvalidArgumentError } from 'commander';
import { takeBackup } from '../backup/backup.ts';
import { BackupError } from '../backup/error.ts';
import { readFrom, standardStream, writeTo } from '../backup/file.ts';
import type { Manifest } from '../backup/manifest.ts';
import type { OnProgress } from '../backup/progress.ts';
import { restoreUser, type UserRestored } from '../backup/restore-user.ts';
import { restoreBackup } from '../backup/restore.ts';
import { backupInto, defaultKeep } from '../backup/scheduled-backup.ts';
import { type Proof, verifyBackup } from '../backup/verify.ts';
import { countRows, toCount, toDuration, toSize, toTableLines } from './backup-words.ts';
import { createProgressLine } from './progress-line.ts';

type WithDatabase = (work: (url: string) => Promise<void>) => Promise<void>;

/** Open the database that the environment names; the one makes the embedded database where there is none yet. */
interface Openers {
  readonly withDatabase: WithDatabase;
  readonly withExistingDatabase: WithDatabase;
}

/** Adds backup, verify and restore. */
export function addBackupVerbs(program: Command, openers: Openers): void {
  addBackup(program, openers);
  addVerify(program);
  addRestore(program, openers);
}

const serverFlag = '--server <url>';
const serverHelp = 'make the scratch database there, as a user who may, and not on an embedded server';

interface IntoOptions {
  into?: string;
  server?: string;
  metrics?: string;
  keepDaily: number;
  keepWeekly: number;
  keepMonthly: number;
}

function addBackup(program: Command, { withExistingDatabase }: Openers): void {
  program
    .command('backup')
    .description('write the whole database to a file while it is in use; the file is secret')
    .argument('[file]', 'a new file, or - for standard output')
    .option('--into <folder>', 'for schedules: take a backup into the folder, verify it, remove old ones')
    .option('--keep-daily <n>', 'of the last days that have backups, with --into', parseCount, defaultKeep.daily)
    .option('--keep-weekly <n>', 'of the last weeks', parseCount, defaultKeep.weekly)
    .option('--keep-monthly <n>', 'of the last months', parseCount, defaultKeep.monthly)
    .option('--metrics <file>', 'with --into: for Prometheus, in place of holdfast-backup.prom in the folder')
    .option(serverFlag, `with --into: ${serverHelp}`)
    .addHelpText(
      'after',
      `
One consistent snapshot of tasks, users and sign-in as a tar file: the schema as SQL, each table's rows as COPY text in
zstd, a manifest with counts and hashes, and a seal over every byte. The user in DATABASE_URL_UNPOOLED must own the
tables, or bypass row level security and be allowed to read them. A transaction pooler will do, a read replica will not.

  pnpm db backup monday.tar                             then: pnpm db verify monday.tar
  pnpm --silent db backup - | age -r age1… > monday.tar.age
  pnpm db backup --into /var/backups/holdfast           for cron; see docs/operations.md
`,
    )
    .action((file: string | undefined, options: IntoOptions, command: Command) => {
      const { into } = options;
      if ((file === undefined) === (into === undefined)) command.error('error: name a file, or a folder with --into');
      if (file === standardStream && process.stdout.isTTY) {
        command.error('error: standard output is a terminal: send it into a file or a program, or name a file');
      }
      return interruptible(({ print, ...watch }) =>
        withExistingDatabase(async (url) => {
          if (into !== undefined) return print(await backUpInto(url, { ...options, into }, watch));
          const write = (bytes: AsyncIterable<Buffer>) => writeTo(file!, bytes);
          const manifest = await takeBackup({ url, write, ...watch });
          print(`${describe(manifest)}\nProve it: pnpm db verify ${file}`, file);
        }),
      );
    });
}

async function backUpInto(url: string, options: IntoOptions & { into: string }, watch: Watch): Promise<string> {
  const { into: folder, keepDaily, keepWeekly, keepMonthly, metrics, server } = options;
  const keep = { daily: keepDaily, weekly: keepWeekly, monthly: keepMonthly };
  const { file, proof, removed } = await backupInto({ url, folder, keep, metrics, server, ...watch });
  const lines = [file, describeProof(proof)];
  if (removed.length > 0) lines.push(`Removed ${removed.join(', ')}.`);
  return lines.join('\n');
}

function addVerify(program: Command): void {
  program
    .command('verify')
    .description('prove a backup by restoring it into a scratch database')
    .argument('<file>', 'a backup, or - for standard input')
    .option(serverFlag, serverHelp)
    .addHelpText(
      'after',
      `
Reads every byte, restores it, reads every table back and compares, migrates to the newest schema, checks the walls, and
removes the scratch database. Exit code 0 only when all of that went well.

  pnpm db verify monday.tar
  age -d -i key.txt monday.tar.age | pnpm db verify -
`,
    )
    .action((file: string, { server }: { server?: string }, command: Command) => {
      assertInput(file, command);
      return interruptible(async ({ print, ...watch }) => {
        const proof = await verifyBackup({ source: readFrom(file, watch.signal), server, ...watch });
        print(describeProof(proof));
      });
    });
}

function addRestore(program: Command, { withDatabase, withExistingDatabase }: Openers): void {
  program
    .command('restore')
    .description('bring a backup back: whole into an empty database, or one user into the living one')
    .argument('<file>', 'a backup, or - for standard input')
    .option('--user <id or e-mail>', "bring only this user's tasks back as they were; shows what would change")
    .option('--yes', 'with --user: change it')
    .option(serverFlag, `with --user: ${serverHelp}`)
    .addHelpText(
      'after',
      `
Whole: the database must be empty, and there is no way to overwrite one. Everything is one transaction, so a restore that
is interrupted leaves it empty. Its user becomes the owner and needs the rights that pnpm db migrate needs.

  DATABASE_URL_UNPOOLED=postgresql://…/new_database pnpm db restore monday.tar
  HOLDFAST_DATA_DIR=.data-new pnpm db restore monday.tar            the embedded server, in a new folder

One user: tasks made since are removed, changed ones are changed back, lost ones return; nobody else's are touched, and
neither is the sign-in. Doing it twice does no harm.

  pnpm db restore monday.tar --user ada@example.com                 shows what would happen
  pnpm db restore monday.tar --user ada@example.com --yes           does it
`,
    )
    .action((file: string, options: { user?: string; yes?: true; server?: string }, command: Command) => {
      const { user, yes, server } = options;
      if (user === undefined && (yes !== undefined || server !== undefined)) {
        command.error('error: --yes and --server go with --user');
      }
      assertInput(file, command);
      const open = user === undefined ? withDatabase : withExistingDatabase;
      return interruptible(({ print, ...watch }) =>
        open(async (url) => {
          const source = readFrom(file, watch.signal);
          if (user !== undefined) {
            const isMeant = yes === true;
            const restored = await restoreUser({ url, source, user, isMeant, server, ...watch });
            print(describeUser(restored, isMeant));
            return;
          }
          const startedAt = performance.now();
          const { manifest, migrated } = await restoreBackup({ url, source, ...watch });
          const took = `Restored in ${toDuration(performance.now() - startedAt)}, and every table reads back as it was:`;
          print([took, ...toTableLines(manifest), describe(manifest), ...describeMigrated(migrated)].join('\n'));
        }),
      );
    });
}

function describe(manifest: Manifest): string {
  const bytes = manifest.tables.reduce((sum, table) => sum + table.bytes, 0);
  return `It holds what was committed by ${manifest.takenAt}: ${toCount(countRows(manifest), 'row')}, ${toSize(bytes)} of text, from PostgreSQL ${manifest.server}.`;
}

function describeProof({ manifest, migrated, restoreMs }: Proof): string {
  const ageMs = Math.max(0, Date.now() - Date.parse(manifest.takenAt));
  return [
    'Every byte is as it was written, and every table reads back from a restored database as it was:',
    ...toTableLines(manifest),
    describe(manifest),
    ...describeMigrated(migrated),
    `Time to restore (RTO): ${toDuration(restoreMs)} here. Lost if it were needed now (RPO): the last ${toDuration(ageMs)}.`,
  ].join('\n');
}

function describeMigrated(migrated: readonly string[]): string[] {
  return migrated.length === 0 ? [] : [`Migrated to the newest schema: ${migrated.join(', ')}.`];
}

const shownDifferences = 50;

function describeUser({ userId, differences, proof }: UserRestored, isMeant: boolean): string {
  const signs = { added: '+', changed: '~', removed: '-' } as const;
  const lines = differences
    .slice(0, shownDifferences)
    .map(({ kind, id, columns }) => `  ${signs[kind]} ${id}${kind === 'changed' ? `  ${columns.join(', ')}` : ''}`);
  const more = differences.length - lines.length;
  const counts = (['added', 'changed', 'removed'] as const).map(
    (kind) => `${differences.filter((difference) => difference.kind === kind).length} ${kind}`,
  );
  const about = `User ${userId} as of ${proof.manifest.takenAt}`;
  if (differences.length === 0) return `${about}: every task is already as it was then.`;
  return [
    `${about}: ${counts.join(', ')}${isMeant ? '.' : ' if this is done.'}`,
    ...lines,
    ...(more > 0 ? [`  … and ${more.toLocaleString('en')} more`] : []),
    isMeant ? 'Done; nobody else was touched.' : 'Nothing has been changed. To do it, say the same with --yes.',
  ].join('\n');
}

function assertInput(file: string, command: Command): void {
  if (file === standardStream && process.stdin.isTTY) {
    command.error('error: standard input is a terminal: send the backup into it, or name a file');
  }
}

function parseCount(text: string): number {
  if (!/^\d{1,4}$/.test(text)) throw new InvalidArgumentError('It must be a number from 0 to 9999.');
  return Number(text);
}

/** Errors after which something may be left that people have to see to. */
const leavings = /^(?:OUTCOME_UNKNOWN|SCRATCH_LEFT)$/;

const exitCodes = { SIGINT: 130, SIGTERM: 143, SIGHUP: 129 } as const;

/** What work is given to be followed and ended by. */
interface Watch {
  readonly signal: AbortSignal;
  readonly onProgress: OnProgress;
}

interface Session extends Watch {
  /** Tells the result, on standard error where the backup itself is on standard output. */
  print(text: string, file?: string): void;
}

/** Lets work clear up after itself when the person, or the system, has had enough of it. */
async function interruptible(work: (session: Session) => Promise<void>): Promise<void> {
  const interruption = new AbortController();
  const { signal } = interruption;
  const line = createProgressLine(process.stderr);
  let interruptedWith = 0;
  const handlers = Object.entries(exitCodes).map(([name, exitCode]) => {
    const handler = () => {
      // Told twice, it leaves everything as it is.
      if (signal.aborted) process.exit(exitCode);
      interruptedWith = exitCode;
      interruption.abort();
    };
    process.on(name, handler);
    return () => process.off(name, handler);
  });
  const print = (text: string, file?: string) => {
    line.clear();
    // Unlike a stream, the console takes no offence where nobody reads any longer.
    (file === standardStream ? console.error : console.log)(text);
  };
  try {
    await work({ signal, onProgress: line.show, print });
  } catch (error) {
    line.clear();
    if (!signal.aborted || (error instanceof BackupError && leavings.test(error.code))) throw error;
    process.exitCode = interruptedWith;
    console.error('Interrupted: nothing is left half done.');
  } finally {
    for (const remove of handlers) remove();
  }
}
