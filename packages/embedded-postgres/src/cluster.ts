import { randomBytes } from 'node:crypto';
import { lchown, mkdir, open, readdir, readFile, rename, rm, stat } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { EmbeddedPostgresError } from './error.ts';
import { makeFolder, syncFolder } from './files.ts';
import { describeFailure, findInstallation, runProgram, type Installation } from './installation.ts';
import { toSystemCode } from './system-error.ts';

/** A data folder of PostgreSQL, and the server files that serve it. */
export interface Cluster {
  readonly folder: string;
  readonly logFile: string;
  readonly installation: Installation;
  /** By role: `postgres`, the superuser, and `holdfast`, which owns the database. */
  readonly passwords: Passwords;
}

/** Passwords by role. */
export interface Passwords {
  readonly postgres: string;
  readonly holdfast: string;
}

const passwordsFile = 'holdfast-passwords.json';
/** No initdb takes longer; a draft older than this is left over, whoever has its process number now. */
const draftLifetimeMs = 10 * 60_000;

/**
 * Opens the data folder, and makes it when there is none yet.
 *
 * @throws {EmbeddedPostgresError} every code but `PORT_TAKEN`; an error of the file system as it is.
 */
export async function openCluster(dataDir: string): Promise<Cluster> {
  const folder = join(dataDir, 'postgres');
  await makeFolder(dataDir);
  await removeLeftovers(folder);
  const installation = await findInstallation(folder);
  if (!(await isInitialised(folder))) await initialise(folder, installation);
  await assertUsable(folder, installation);
  return { folder, logFile: `${folder}.log`, installation, passwords: await readPasswords(folder) };
}

/** What `-D` is given, with the data folder as the program's working folder. */
export function toDataArgument(folder: string, { account }: Installation): string {
  // Root may enter folders that the server's account may not; the link to the working folder asks for no rights on the way.
  return account !== undefined && process.platform === 'linux' ? '/proc/self/cwd' : folder;
}

/** Whether there is a data folder of PostgreSQL. */
export async function isInitialised(folder: string): Promise<boolean> {
  const entries = await readdir(folder).catch((error: unknown) => {
    if (toSystemCode(error) === 'ENOENT') return [] as string[];
    throw error;
  });
  if (entries.length === 0 || entries.includes('PG_VERSION')) return entries.length > 0;
  throw new EmbeddedPostgresError(
    'DATA_UNREADABLE',
    `${folder} holds files but no PostgreSQL data (there is no PG_VERSION). Move it away, or choose another folder with HOLDFAST_DATA_DIR.`,
  );
}

async function assertUsable(folder: string, { account, version }: Installation): Promise<void> {
  const dataVersion = (await readFile(join(folder, 'PG_VERSION'), 'utf8')).trim();
  const serverVersion = version.split('.', 1)[0];
  if (dataVersion !== serverVersion) {
    throw new EmbeddedPostgresError(
      'DATA_VERSION',
      `The data in ${folder} is of PostgreSQL ${dataVersion}, and this is PostgreSQL ${serverVersion}, which cannot read it. ` +
        `Back up with the Holdfast that made it and restore with this one, or move the folder away to start empty.`,
    );
  }
  const { uid } = await stat(folder);
  const serverUid = account?.uid ?? process.getuid?.() ?? uid;
  if (uid !== serverUid) {
    throw new EmbeddedPostgresError(
      'DATA_UNREADABLE',
      `${folder} belongs to user ${uid}, and PostgreSQL would run as user ${serverUid}, which it refuses. ` +
        `Start Holdfast as the owner, or give the folder away: chown -R ${serverUid} ${folder}`,
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
      `The database's passwords cannot be read from ${path}: ${(error as Error).message}. Bring the file back from a copy of the folder.`,
      { cause: error },
    );
  }
}

/** Everything is done in a draft that takes its name at the end, so that a folder by that name is always whole. */
async function initialise(folder: string, installation: Installation): Promise<void> {
  const draft = `${folder}.draft-${process.pid}-${randomBytes(4).toString('hex')}`;
  try {
    await mkdir(draft, { mode: 0o700 });
    const { account } = installation;
    // Not chown: in a folder of somebody else's, a link could have taken the draft's place.
    if (account !== undefined) await lchown(draft, account.uid, account.gid);
    await fillDraft(draft, installation);
    await rename(draft, folder);
    await syncFolder(dirname(folder));
  } catch (error) {
    // ENOTEMPTY and its kin: another process has finished the same work first.
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
    await runProgram(
      installation,
      'initdb',
      // initdb takes a password only from a file; nobody is let in until the roles have theirs.
      [
        '-D',
        data,
        '-U',
        'postgres',
        '--auth=reject',
        '--encoding=UTF8',
        '--locale=C',
        '--locale-provider=builtin',
        '--builtin-locale=C.UTF-8',
      ],
      { cwd: draft },
    );
    await writeServerFile(
      join(draft, 'pg_hba.conf'),
      'host all,replication all 127.0.0.1/32 scram-sha-256\n',
      installation,
    );
    await writeServerFile(join(draft, passwordsFile), JSON.stringify(passwords), installation);
    await syncFolder(draft);
    await runProgram(
      installation,
      'postgres',
      ['--single', '-D', data, '-c', 'exit_on_error=on', '-c', 'log_min_error_statement=panic', 'postgres'],
      { cwd: draft, input: toRolesSql(passwords) },
    );
  } catch (error) {
    if (toSystemCode(error) !== undefined) throw error;
    throw new EmbeddedPostgresError(
      'START_FAILED',
      `A new database could not be made in ${dirname(draft)}: ${describeFailure(error)}`,
      { cause: error },
    );
  }
}

/** A server in single-user mode takes one statement a line. */
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

/** Root writes here into another account's folder: a new file by handle, for links in its place lead elsewhere. */
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

/** Removes the drafts of processes that were killed; those of processes that are still at it stay. */
async function removeLeftovers(folder: string): Promise<void> {
  const prefix = `${basename(folder)}.draft-`;
  for (const name of await readdir(dirname(folder))) {
    const path = join(dirname(folder), name);
    if (!name.startsWith(prefix) || (await isDraftInUse(path, Number.parseInt(name.slice(prefix.length), 10))))
      continue;
    // An initdb whose parent was killed may still be writing: try again while it does, and leave the rest to the next start.
    await rm(path, { recursive: true, force: true, maxRetries: 5 }).catch(() => {});
  }
}

async function isDraftInUse(path: string, pid: number): Promise<boolean> {
  const found = await stat(path).catch(() => undefined);
  return found !== undefined && Date.now() - found.mtimeMs < draftLifetimeMs && isAlive(pid);
}

/** Whether a process has this number; it may be another than the one that is meant. */
export function isAlive(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch (error) {
    return toSystemCode(error) === 'EPERM';
  }
}
