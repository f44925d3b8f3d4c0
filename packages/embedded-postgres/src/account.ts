import { readFile, stat } from 'node:fs/promises';
import { EmbeddedPostgresError } from './error.ts';

/** The account of the operating system that the server runs as. */
export interface ServerAccount {
  readonly uid: number;
  readonly gid: number;
}

/**
 * Finds the account that the server must run as, because PostgreSQL refuses to run as root: the owner of the data, or
 * `postgres`, or `nobody`. Returns `undefined` if this process is not root, because the server then runs as the same user.
 *
 * @throws {EmbeddedPostgresError} `ROOT` if there is no such account.
 */
export async function findServerAccount(clusterFolder: string): Promise<ServerAccount | undefined> {
  if (process.getuid?.() !== 0) return undefined;
  const account = (await findOwner(clusterFolder)) ?? (await findNamedAccount(['postgres', 'nobody']));
  if (account !== undefined) return account;
  throw new EmbeddedPostgresError(
    'ROOT',
    'PostgreSQL refuses to run as root, and /etc/passwd has no `postgres` or `nobody`. ' +
      'Start Holdfast as another user, or set DATABASE_URL.',
  );
}

async function findOwner(folder: string): Promise<ServerAccount | undefined> {
  const found = await stat(folder).catch(() => undefined);
  return found === undefined || found.uid === 0 ? undefined : { uid: found.uid, gid: found.gid };
}

async function findNamedAccount(names: readonly string[]): Promise<ServerAccount | undefined> {
  const entries = (await readFile('/etc/passwd', 'utf8').catch(() => '')).split('\n').map((line) => line.split(':'));
  const entry = names.map((name) => entries.find((fields) => fields[0] === name)).find((found) => found !== undefined);
  return entry === undefined ? undefined : { uid: Number(entry[2]), gid: Number(entry[3]) };
}
