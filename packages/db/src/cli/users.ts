import process from 'node:process';
import { createInterface } from 'node:readline/promises';
import { type Command, InvalidArgumentError } from 'commander';
import { type AccountAccess, withAccounts } from '../accounts/access.ts';
import { describeUser } from '../accounts/describe-user.ts';
import { endAccess } from '../accounts/end-access.ts';
import { AccountError } from '../accounts/error.ts';
import { type ExportCounts, exportUser } from '../accounts/export-user.ts';
import { findUser, searchUsers } from '../accounts/find-user.ts';
import type { UserSummary } from '../accounts/read-users.ts';
import { BackupError } from '../backup/error.ts';
import { standardStream, writeBackupFile } from '../backup/file.ts';
import { dbCommand, silentDbCommand } from '../installed.ts';
import { isUserId } from '../schema/user-id.ts';
import { addPasswordLink } from '../stores/links.ts';
import { turnOffTwoFactor } from '../stores/two-factor.ts';
import { eraseRecords } from '../user-data/erase-records.ts';
import { eraseUser } from '../user-data/erase-user.ts';
import type { WithDatabase } from './backup.ts';
import { logOperatorWork, type OperatorWork, recordUser } from './operator-log.ts';
import {
  formatEnded,
  formatErased,
  formatExported,
  formatLink,
  formatSecondFactor,
  formatUser,
  formatUsers,
} from './users-report.ts';

interface JsonFlag {
  json?: true;
}

const usersHelp = `
Helps a user without SQL. <user> is an ID or an e-mail address. Each command writes one line of JSON to standard error with the
time, the command, the ID of the user, your account on this machine and the outcome. PostgreSQL's log gets the command and
the ID too. No command shows a text of a task or list, except export.

  ${dbCommand} users list --email ada@                          the users whose address starts so
  ${dbCommand} users show ada@example.com
  ${dbCommand} users reset-password ada@example.com             prints a link for a new password
  ${dbCommand} users revoke-sessions ada@example.com --tokens   ends all access
  ${dbCommand} users turn-off-second-factor ada@example.com     for a lost phone
  ${dbCommand} users export ada@example.com ada.json            all lists and tasks
  ${dbCommand} users delete ada@example.com                     deletes everything about the user
  ${silentDbCommand} users list --json                     for scripts

See "Helping a user" in docs/operations.md.`;

/** Adds the commands for users. */
export function addUsersCommands(program: Command, withExistingDatabase: WithDatabase): void {
  const users = program
    .command('users')
    .description('help users: list, show, reset-password, revoke-sessions, turn-off-second-factor, delete, export')
    .addHelpText('after', usersHelp);

  const withUser = (
    command: string,
    given: string,
    run: (access: AccountAccess, user: UserSummary) => Promise<void>,
  ): Promise<void> => {
    const work: OperatorWork = { command };
    return withExistingDatabase((url) =>
      withAccounts(url, (access) =>
        logOperatorWork(work, async () => {
          const user = await findUser(access, given);
          work.userId = user.id;
          await recordUser(access, user.id);
          await run(access, user);
        }),
      ),
    );
  };

  addCommand(users, 'list', 'list users in the order of their IDs')
    .option('--email <prefix>', 'only users whose e-mail address starts with this text')
    .option('--limit <n>', 'most users of a page, up to 1000', parseLimit, 50)
    .option('--after <id>', 'continue after this user', parseId)
    .action(({ email, limit, after, json }: { email?: string; limit: number; after?: string } & JsonFlag) =>
      withExistingDatabase((url) =>
        withAccounts(url, (access) =>
          logOperatorWork({ command: 'users list' }, async () => {
            print(await searchUsers(access, { emailPrefix: email, after, limit }), json, formatUsers);
          }),
        ),
      ),
    );

  addCommand(users, 'show <user>', 'show the account of a user, and how much belongs to it').action(
    (given: string, { json }: JsonFlag) =>
      withUser('users show', given, async (access, user) => print(await describeUser(access, user), json, formatUser)),
  );

  addCommand(
    users,
    'reset-password <user>',
    'print a link with which the user sets a new password, once, within an hour',
  )
    .option('--public-url <origin>', 'the origin of the web app; default: PUBLIC_URL', parseOrigin)
    .action((given: string, { publicUrl, json }: { publicUrl?: string } & JsonFlag, command: Command) => {
      const origin = publicUrl ?? findOrigin(command);
      return withUser('users reset-password', given, async ({ store }, { id }) => {
        const token = await addPasswordLink(store, id);
        if (token === null) throw toNoAccount();
        print({ id, link: `${origin}/reset-password?token=${token}`, validForMinutes: 60 }, json, formatLink);
      });
    });

  addCommand(users, 'revoke-sessions <user>', 'end all sessions of a user, on all devices')
    .option('--tokens', 'also end the API tokens')
    .action((given: string, { tokens, json }: { tokens?: true } & JsonFlag) =>
      withUser('users revoke-sessions', given, async ({ store }, { id }) =>
        print({ id, ...(await endAccess(store, id, { withTokens: tokens === true })) }, json, formatEnded),
      ),
    );

  addCommand(
    users,
    'turn-off-second-factor <user>',
    'let a user without phone and backup codes sign in with the password alone',
  ).action((given: string, { json }: JsonFlag) =>
    withUser('users turn-off-second-factor', given, async ({ store }, { id }) =>
      print({ id, wasOn: await turnOffTwoFactor(store, id) }, json, formatSecondFactor),
    ),
  );

  addCommand(users, 'delete <user>', 'delete everything about a user, after you type the e-mail address')
    .option('--yes', 'do not ask')
    .action((given: string, { yes, json }: { yes?: true } & JsonFlag) =>
      withUser('users delete', given, async ({ db, store }, user) => {
        if (yes === undefined) await confirmDeletion(user);
        await eraseRecords(db.asUser(user.id));
        await eraseUser(store, user.id);
        print({ id: user.id }, json, formatErased);
      }),
    );

  addCommand(
    users,
    'export <user> [file]',
    'write all lists and tasks of a user as JSON, as `tasks export` does',
  ).action((given: string, file: string | undefined, { json }: JsonFlag) =>
    withUser('users export', given, async ({ db }, { id }) => {
      const counts: ExportCounts = { lists: 0, tasks: 0 };
      await writeExport(file, exportUser(db.asUser(id, { readOnly: true }), counts));
      if (file !== undefined) print({ id, file, ...counts }, json, formatExported);
    }),
  );
}

function addCommand(users: Command, name: string, description: string): Command {
  return users.command(name).description(description).option('--json', 'print one JSON document');
}

function print<Result>(result: Result, json: true | undefined, format: (result: Result) => string): void {
  console.log(json === true ? JSON.stringify(result, null, 2) : format(result));
}

/** The question does not contain the address, because standard error can be a log. @throws AccountError `NOT_CONFIRMED` */
async function confirmDeletion({ id, email }: UserSummary): Promise<void> {
  const wanted = email === null ? 'ID' : 'e-mail address';
  const output = process.stdout.isTTY ? process.stdout : process.stderr;
  const terminal = createInterface({ input: process.stdin, output });
  const ended = new Promise<string>((resolve) => terminal.once('close', () => resolve('')));
  const question = `Type the ${wanted} to delete user ${id} and everything about them for ever: `;
  const typed = await Promise.race([terminal.question(question), ended]);
  terminal.close();
  if (typed.trim().toLowerCase() === (email ?? id).toLowerCase()) return;
  throw new AccountError('NOT_CONFIRMED', `Nothing was deleted. Type the ${wanted} of the user.`);
}

/** Only the operator can read the file. Without a file, writes to standard output. */
async function writeExport(file: string | undefined, bytes: AsyncIterable<Buffer>): Promise<void> {
  try {
    await writeBackupFile(file ?? standardStream, bytes);
  } catch (cause) {
    if (!(cause instanceof BackupError) || cause.code !== 'BACKUP_NOT_WRITTEN') throw cause;
    const message = `The export cannot be written to ${file ?? 'standard output'}. Check the path and the free space.`;
    throw new AccountError('EXPORT_NOT_WRITTEN', message, { cause });
  }
}

/** The embedded server belongs to a web app on this machine. */
function findOrigin(command: Command): string {
  const { PUBLIC_URL, DATABASE_URL, DATABASE_URL_UNPOOLED, PORT } = process.env;
  if (PUBLIC_URL) return parseOrigin(PUBLIC_URL);
  if (!DATABASE_URL && !DATABASE_URL_UNPOOLED) return `http://127.0.0.1:${PORT || 3000}`;
  return command.error('error: PUBLIC_URL is not set. Set it, or pass --public-url.');
}

function toNoAccount(): AccountError {
  return new AccountError('NO_ACCOUNT', 'The user has no account here. Reset the password at the issuer.');
}

function parseLimit(text: string): number {
  const limit = /^\d{1,4}$/.test(text) ? Number(text) : 0;
  if (limit < 1 || limit > 1000) throw new InvalidArgumentError('It must be a number from 1 to 1000.');
  return limit;
}

function parseId(text: string): string {
  if (!isUserId(text)) throw new InvalidArgumentError('It must be a UUID.');
  return text.toLowerCase();
}

function parseOrigin(text: string): string {
  const url = URL.parse(text);
  if (url !== null && /^https?:$/.test(url.protocol) && url.origin === text.replace(/\/$/, '')) return url.origin;
  throw new InvalidArgumentError('It must be an origin, such as https://tasks.example.com.');
}
