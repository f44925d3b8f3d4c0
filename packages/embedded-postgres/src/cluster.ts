import { randomBytes } from 'node:crypto';
import { lchown, mkdir, open, readdir, readFile, rename, rm, stat } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { EmbeddedPostgresError, toSystemCode } from './error.ts';
import { makeFolder, syncFolder } from './files.ts';
import { describeFailure, findInstallation, runProgram, type Installation } from './installation.ts';

/** A data folder of PostgreSQL, and the installation that runs it. */
export interface Cluster {
  readonly folder: string;
  readonly logFile: string;
  readonly installation: Installation;
  readonly passwords: Passwords;
}

/** Passwords by role: `postgres` is the superuser, and `holdfast` owns the database. */
export interface Passwords {
  readonly postgres: string;
  readonly holdfast: string;
}

const passwordsFile = 'holdfast-passwords.json';
/** A draft older than this is abandoned, because initdb never takes so long. Its process ID may belong to another process now. */
const draftLifetimeMs = 10 * 60_000;

/**
 * Opens the data folder. Creates the cluster if the folder is empty.
 *
 * @throws {EmbeddedPostgresError} with every code except `PORT_TAKEN`.
 * @throws the system error if a file operation fails.
 */
export async function openCluster(dataDir: string): Promise<Cluster> {
  const folder = join(dataDir, 'postgres');
  await makeFolder(dataDir);
  await removeAbandonedDrafts(folder);
  const installation = await findInstallation(folder);
  if (!(await isInitialised(folder))) await initialise(folder, installation);
  await assertUsable(folder, installation);
  return { folder, logFile: `${folder}.log`, installation, passwords: await readPasswords(folder) };
}

/** Returns the value of the option `-D` for a program whose working directory is the data folder. */
export function toDataArgument(folder: string, { account }: Installation): string {
  // A parent folder may be accessible to root only. The link to the working directory needs no rights on parent folders.
  return account !== undefined && process.platform === 'linux' ? '/proc/self/cwd' : folder;
}

/**
 * Returns whether the folder contains a PostgreSQL cluster.
 *
 * @throws {EmbeddedPostgresError} `DATA_UNREADABLE` if it contains other files.
 */
export async function isInitialised(folder: string): Promise<boolean> {
  const entries = await readdir(folder).catch((error: unknown) => {
    if (toSystemCode(error) === 'ENOENT') return [] as string[];
    throw error;
  });
  if (entries.length === 0 || entries.includes('PG_VERSION')) return entries.length > 0;
  throw new EmbeddedPostgresError(
    'DATA_UNREADABLE',
    `${folder} contains files but no PG_VERSION, so it is not PostgreSQL data. Move it, or set HOLDFAST_DATA_DIR to another folder.`,
  );
}

async function assertUsable(folder: string, { account, version }: Installation): Promise<void> {
  const dataVersion = (await readFile(join(folder, 'PG_VERSION'), 'utf8')).trim();
  const serverVersion = version.split('.', 1)[0];
  if (dataVersion !== serverVersion) {
    throw new EmbeddedPostgresError(
      'DATA_VERSION',
      `The data in ${folder} is from PostgreSQL ${dataVersion}, which PostgreSQL ${serverVersion} cannot read. ` +
        'Back up with the old Holdfast and restore with this one, or move the folder to start empty.',
    );
  }
  const { uid } = await stat(folder);
  const serverUid = account?.uid ?? process.getuid?.() ?? uid;
  if (uid !== serverUid) {
    throw new EmbeddedPostgresError(
      'DATA_UNREADABLE',
      `User ${uid} owns ${folder}, but PostgreSQL runs as user ${serverUid} and must own it. ` +
        `Start Holdfast as the owner, or change the owner: chown -R ${serverUid} ${folder}`,
    );
  }
}

async function readPasswords(folder: string): Promise<Passwords> {
  const path = join(folder, passwordsFile);
  try {
    return JSON.parse(await readFile(path, 'utf8')) as Passwords;
  } catch (error) {
    throw new EmbeddedPostgresError(
      'DATA_UNREADABLE',
      `The database passwords in ${path} cannot be read: ${(error as Error).message}. Restore the file from a copy of the folder.`,
      { cause: error },
    );
  }
}

/** Creates the cluster in a draft folder and renames it at the end, so that a folder with the final name is always complete. */
async function initialise(folder: string, installation: Installation): Promise<void> {
  const draft = `${folder}.draft-${process.pid}-${randomBytes(4).toString('hex')}`;
  try {
    await mkdir(draft, { mode: 0o700 });
    const { account } = installation;
    // Not chown: if another user owns the parent folder, that user can replace the draft with a link.
    if (account !== undefined) await lchown(draft, account.uid, account.gid);
    await fillDraft(draft, installation);
    await rename(draft, folder);
    await syncFolder(dirname(folder));
  } catch (error) {
    // ENOTEMPTY and similar: another process has created the cluster first.
    if (await isInitialised(folder)) return;
    throw error;
  } finally {
    await rm(draft, { recursive: true, force: true });
  }
}

async function fillDraft(draft: string, installation: Installation): Promise<void> {
  const data = toDataArgument(draft, installation);
  const passwords: Passwords = { postgres: makePassword(), holdfast: makePassword() };
  try {
    const locale = ['--encoding=UTF8', '--locale=C', '--locale-provider=builtin', '--builtin-locale=C.UTF-8'];
    // initdb takes a password only from a file. No one can log in until the roles have passwords.
    const args = ['-D', data, '-U', 'postgres', '--auth=reject', ...locale];
    await runProgram(installation, 'initdb', { args, cwd: draft });
    await writeServerFile(
      join(draft, 'pg_hba.conf'),
      'host all,replication all 127.0.0.1/32 scram-sha-256\n',
      installation,
    );
    await writeServerFile(join(draft, passwordsFile), JSON.stringify(passwords), installation);
    await syncFolder(draft);
    await runProgram(installation, 'postgres', {
      args: ['--single', '-D', data, '-c', 'exit_on_error=on', '-c', 'log_min_error_statement=panic', 'postgres'],
      cwd: draft,
      input: toRolesSql(passwords),
    });
  } catch (error) {
    if (toSystemCode(error) !== undefined) throw error;
    throw new EmbeddedPostgresError(
      'START_FAILED',
      `No database could be created in ${dirname(draft)}: ${describeFailure(error)}${toAdvice(error)}`,
      { cause: error },
    );
  }
}

/** Containers often run as a user ID without a name. */
function toAdvice(error: unknown): string {
  return describeFailure(error).includes('could not look up effective user ID')
    ? '. PostgreSQL needs a name for its user: add the ID to /etc/passwd, or set DATABASE_URL.'
    : '';
}

/** A server in single-user mode reads one statement per line. */
function toRolesSql(passwords: Passwords): string {
  return [
    `alter role postgres password '${passwords.postgres}'`,
    `create role holdfast login createrole createdb password '${passwords.holdfast}'`,
    'create database holdfast owner holdfast',
    '',
  ].join('\n');
}

function makePassword(): string {
  return randomBytes(24).toString('base64url');
}

/**
 * Creates a file for the server's account. Root writes into a folder of another account here, so it always creates a new file and
 * changes its owner by handle: the account could put a link in its place.
 */
async function writeServerFile(path: string, text: string, { account }: Installation): Promise<void> {
  await rm(path, { force: true });
  const file = await open(path, 'wx', 0o600);
  try {
    await file.writeFile(text);
    if (account !== undefined) await file.chown(account.uid, account.gid);
    await file.sync();
  } finally {
    await file.close();
  }
}

/** Removes the drafts of killed processes. The drafts of running processes stay. */
async function removeAbandonedDrafts(folder: string): Promise<void> {
  const prefix = `${basename(folder)}.draft-`;
  for (const name of await readdir(dirname(folder))) {
    const path = join(dirname(folder), name);
    if (!name.startsWith(prefix) || (await isDraftInUse(path, Number.parseInt(name.slice(prefix.length), 10))))
      continue;
    // An initdb whose parent was killed may still write, hence the retries. If they fail, the next start removes the rest.
    await rm(path, { recursive: true, force: true, maxRetries: 5 }).catch(() => {});
  }
}

async function isDraftInUse(path: string, pid: number): Promise<boolean> {
  const found = await stat(path).catch(() => undefined);
  return found !== undefined && Date.now() - found.mtimeMs < draftLifetimeMs && isAlive(pid);
}

/** Returns whether a process has this ID. The system may have given the ID to another process. */
export function isAlive(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch (error) {
    return toSystemCode(error) === 'EPERM';
  }
}
