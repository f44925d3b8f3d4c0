import process from 'node:process';
import { type Command, InvalidArgumentError } from 'commander';
import { takeBackup } from '../backup/backup.ts';
import { findErasedUsers, formatErasedUsers, readErasedUsers } from '../backup/erased-users.ts';
import { readBackupFile, standardStream, writeBackupFile } from '../backup/file.ts';
import type { Manifest } from '../backup/manifest.ts';
import { restoreBackup } from '../backup/restore.ts';
import type { RetentionPolicy } from '../backup/retention.ts';
import { defaultRetention, takeScheduledBackup } from '../backup/scheduled-backup.ts';
import { restoreUser } from '../backup/user/restore-user.ts';
import { verifyBackup } from '../backup/verify.ts';
import { dbCommand, silentDbCommand } from '../installed.ts';
import {
  describeBackup,
  describeOmitted,
  describeRestore,
  describeScheduledBackup,
  describeUserRestore,
  describeVerification,
} from './backup-report.ts';
import { runInterruptible } from './interruptible.ts';

/** Runs work with the URL of the configured database. */
export type WithDatabase = (work: (url: string) => Promise<void>) => Promise<void>;

/** Both open the configured database. Only `withDatabase` creates a missing embedded database. */
interface Openers {
  readonly withDatabase: WithDatabase;
  readonly withExistingDatabase: WithDatabase;
}

/** Adds the commands backup, verify, restore and erased. */
export function addBackupCommands(program: Command, openers: Openers): void {
  addBackup(program, openers);
  addVerify(program);
  addRestore(program, openers);
  addErased(program, openers);
}

const serverFlag = '--server <url>';
const serverHelp = 'create the scratch database on this server instead of an embedded one; its user needs createdb';

interface BackupFlags {
  into?: string;
  server?: string;
  metrics?: string;
  keepLast: number;
  keepHourly: number;
  keepDaily: number;
  keepWeekly: number;
  keepMonthly: number;
}

function addBackup(program: Command, { withExistingDatabase }: Openers): void {
  program
    .command('backup')
    .description('write the whole database to a file while it is in use; the file contains secrets')
    .argument('[file]', 'a new file, or - for standard output')
    .option('--into <folder>', 'for schedules: write a backup to the folder, verify it, and remove old ones')
    .option('--keep-last <n>', 'with --into: retain the last n backups', parseCount, defaultRetention.last)
    .option(
      '--keep-hourly <n>',
      'with --into: retain one backup for each of the last n hours that have one',
      parseCount,
      defaultRetention.hourly,
    )
    .option('--keep-daily <n>', 'the same for days', parseCount, defaultRetention.daily)
    .option('--keep-weekly <n>', 'the same for weeks', parseCount, defaultRetention.weekly)
    .option('--keep-monthly <n>', 'the same for months', parseCount, defaultRetention.monthly)
    .option('--metrics <file>', 'with --into: file for Prometheus instead of holdfast-backup.prom in the folder')
    .option(serverFlag, `with --into: ${serverHelp}`)
    .addHelpText(
      'after',
      `
Writes a consistent snapshot of lists, tasks, users and sign-in data as a tar file. It contains the schema as SQL, the
rows of each table as COPY text compressed with zstd, a manifest with counts and hashes, and a checksum of all bytes. The
user in DATABASE_URL_UNPOOLED must own the tables, or bypass row-level security and have the right to read them. The
connection may go through a transaction pooler, but not to a read replica. Objects made by hand, such as views and
functions, are not part of the backup; a warning and the manifest name them. Sizes are decimal: 1 MB is 1,000,000 bytes.

  ${dbCommand} backup monday.tar                             then: ${dbCommand} verify monday.tar
  ${silentDbCommand} backup - | age -r age1… > monday.tar.age
  ${dbCommand} backup --into /var/backups/holdfast           for cron; see docs/operations.md
  ${dbCommand} backup --into /var/backups/holdfast --keep-hourly 48      for cron every hour
`,
    )
    .action((file: string | undefined, flags: BackupFlags, command: Command) => {
      const { into: folder, metrics, server } = flags;
      if ((file === undefined) === (folder === undefined)) {
        command.error('error: expected either a file or --into <folder>');
      }
      if (file === standardStream && process.stdout.isTTY) {
        command.error('error: standard output is a terminal; redirect it, or pass a file name');
      }
      return runInterruptible(({ print, ...options }) =>
        withExistingDatabase(async (url) => {
          if (folder !== undefined) {
            const backup = await takeScheduledBackup({
              url,
              folder,
              retention: toRetention(flags),
              metrics,
              server,
              ...options,
            });
            print(describeScheduledBackup(backup));
            return warnAbout(backup.verification.manifest);
          }
          const write = (bytes: AsyncIterable<Buffer>) => writeBackupFile(file!, bytes);
          const manifest = await takeBackup({ url, write, ...options });
          print(`${describeBackup(manifest)}\nVerify it: ${dbCommand} verify ${file}`, file);
          warnAbout(manifest);
        }),
      );
    });
}

function toRetention(flags: BackupFlags): RetentionPolicy {
  return {
    last: flags.keepLast,
    hourly: flags.keepHourly,
    daily: flags.keepDaily,
    weekly: flags.keepWeekly,
    monthly: flags.keepMonthly,
  };
}

function warnAbout({ omitted = [] }: Manifest): void {
  if (omitted.length > 0) console.error(describeOmitted(omitted));
}

function addVerify(program: Command): void {
  program
    .command('verify')
    .description('verify a backup: restore it into a scratch database and compare')
    .argument('<file>', 'a backup, or - for standard input')
    .option(serverFlag, serverHelp)
    .addHelpText(
      'after',
      `
Reads every byte, restores the backup into a scratch database, reads every table back and compares it, migrates to the
newest schema, checks row-level security, and drops the scratch database. The exit code is 0 only if all of this succeeds.

  ${dbCommand} verify monday.tar
  age -d -i key.txt monday.tar.age | ${dbCommand} verify -
`,
    )
    .action((file: string, { server }: { server?: string }, command: Command) => {
      assertInput(file, command);
      return runInterruptible(async ({ print, ...options }) => {
        const source = readBackupFile(file, options.signal);
        print(describeVerification(await verifyBackup({ source, server, ...options })));
      });
    });
}

function addRestore(program: Command, { withDatabase, withExistingDatabase }: Openers): void {
  program
    .command('restore')
    .description('restore a whole backup into an empty database, or one user into the live database')
    .argument('<file>', 'a backup, or - for standard input')
    .option('--user <id or e-mail>', "restore only this user's lists and tasks; without --yes, only shows the changes")
    .option('--yes', 'with --user: apply the changes')
    .option(serverFlag, `with --user: ${serverHelp}`)
    .option('--erased <file>', 'without --user: remove the users whose IDs are in this file, one per line')
    .addHelpText(
      'after',
      `
Whole backup: the database must be empty, because a restore never overwrites data. Everything happens in one transaction,
so an interrupted restore leaves the database empty. The database user becomes the owner and needs the rights for
${dbCommand} migrate. The restore prints the rights that other logins of the source database had, as SQL.

Users who were deleted after the backup stay deleted: the restore removes those in the file of --erased, which
${dbCommand} erased writes, and those in holdfast-erased-users.txt beside the backup, which ${dbCommand} backup --into writes.

  DATABASE_URL_UNPOOLED=postgresql://…/new_database ${dbCommand} restore monday.tar
  HOLDFAST_DATA_DIR=.data-new ${dbCommand} restore monday.tar            the embedded server, in a new folder

One user: removes lists and tasks created since the backup, reverts changed ones, and restores deleted ones. It does not
change other users or the sign-in data. You can run it again safely.

  ${dbCommand} restore monday.tar --user ada@example.com                 shows the changes
  ${dbCommand} restore monday.tar --user ada@example.com --yes           applies the changes
`,
    )
    .action(
      (file: string, flags: { user?: string; yes?: true; server?: string; erased?: string }, command: Command) => {
        const { user, yes, server, erased } = flags;
        if (user === undefined && (yes !== undefined || server !== undefined)) {
          command.error('error: --yes and --server require --user');
        }
        if (user !== undefined && erased !== undefined) command.error('error: --erased and --user exclude each other');
        assertInput(file, command);
        const open = user === undefined ? withDatabase : withExistingDatabase;
        return runInterruptible(({ print, ...options }) =>
          open(async (url) => {
            const source = readBackupFile(file, options.signal);
            if (user !== undefined) {
              const apply = yes === true;
              return print(
                describeUserRestore(await restoreUser({ url, source, user, apply, server, ...options }), apply),
              );
            }
            const startedAt = performance.now();
            const erasedUsers = await findErasedUsers(file, erased);
            const result = await restoreBackup({ url, source, erasedUsers, ...options });
            print(describeRestore(result, performance.now() - startedAt));
          }),
        );
      },
    );
}

function addErased(program: Command, { withExistingDatabase }: Openers): void {
  program
    .command('erased')
    .description('list the IDs of deleted users, for restore --erased; the database forgets them after 90 days')
    .action(() =>
      withExistingDatabase(async (url) => console.log(formatErasedUsers(await readErasedUsers(url)).trimEnd())),
    );
}

function assertInput(file: string, command: Command): void {
  if (file === standardStream && process.stdin.isTTY) {
    command.error('error: standard input is a terminal; redirect the backup to it, or pass a file name');
  }
}

function parseCount(text: string): number {
  if (!/^\d{1,4}$/.test(text)) throw new InvalidArgumentError('It must be a number from 0 to 9999.');
  return Number(text);
}
