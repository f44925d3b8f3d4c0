import { randomBytes } from 'node:crypto';
import { readFile, rename, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import type { Client } from 'pg';
import { openConnection } from '../connection/dedicated-client.ts';
import { toNamedError } from '../connection/driver-error.ts';
import { syncFolder } from '../files/sync-folder.ts';
import { isUserId } from '../schema/user-id.ts';
import { BackupError } from './error.ts';
import { partialName, standardStream, toWriteError } from './file.ts';

/** The list of deleted users beside the backups of a folder. */
const listName = 'holdfast-erased-users.txt';

const head = `# The IDs of deleted users, one per line. A restore removes these users from older backups again.\n`;

/** Returns the IDs of the users that were deleted from a database, at least those of the last 90 days. */
export async function readErasedUsers(url: string, signal?: AbortSignal): Promise<string[]> {
  let client: Client | undefined;
  try {
    client = await openConnection(url, signal);
    const { rows } = await client.query<{ exists: boolean }>(
      `select to_regclass('auth.erased_users') is not null as exists`,
    );
    if (!rows[0]!.exists) return [];
    const found = await client.query<{ id: string }>('select id from auth.erased_users order by id');
    return found.rows.map(({ id }) => id);
  } catch (error) {
    throw toNamedError(error);
  } finally {
    await client?.end();
  }
}

/** The text of a list. */
export function formatErasedUsers(ids: readonly string[]): string {
  return head + ids.map((id) => `${id}\n`).join('');
}

const isId = (line: string) => line !== '' && !line.startsWith('#');

/** @throws BackupError `ERASED_USERS_UNREADABLE` */
async function readList(path: string): Promise<string[]> {
  const text = await readFile(path, 'utf8').catch((cause: unknown) => {
    const message = `${path} cannot be read. Check the path and its permissions.`;
    throw new BackupError('ERASED_USERS_UNREADABLE', message, { cause });
  });
  const lines = text.split('\n').map((line) => line.trim());
  const wrong = lines.findIndex((line) => isId(line) && !isUserId(line));
  if (wrong !== -1) {
    const message = `Line ${wrong + 1} of ${path} is no user ID. Write one UUID per line.`;
    throw new BackupError('ERASED_USERS_UNREADABLE', message);
  }
  return lines.filter(isId).map((id) => id.toLowerCase());
}

const isMissing = (error: unknown) =>
  error instanceof BackupError && (error.cause as { code?: unknown } | undefined)?.code === 'ENOENT';

const readListIfAny = (path: string) =>
  readList(path).catch((error: unknown) => {
    if (isMissing(error)) return [];
    throw error;
  });

/**
 * Adds the deleted users of a database to the list in a folder of backups. The database forgets them after 90 days, but older
 * backups contain them for longer. Without deleted users, there is no list.
 */
export async function addToErasedUsers(folder: string, ids: readonly string[]): Promise<void> {
  const path = join(folder, listName);
  const known = await readListIfAny(path);
  const all = [...new Set([...known, ...ids])].sort();
  if (all.length === known.length) return;
  const draft = join(folder, `${partialName.prefix}${randomBytes(4).toString('hex')}${partialName.suffix}`);
  try {
    await writeFile(draft, formatErasedUsers(all), { flag: 'wx', mode: 0o600, flush: true });
    await rename(draft, path);
    await syncFolder(folder);
  } catch (error) {
    throw toWriteError(path, error);
  }
}

/** The users to remove from a backup: those of the given list, and of the list beside the backup if there is one. */
export async function findErasedUsers(backup: string, list: string | undefined): Promise<string[]> {
  const given = list === undefined ? [] : await readList(list);
  const beside = backup === standardStream ? [] : await readListIfAny(join(dirname(backup), listName));
  return [...new Set([...given, ...beside])];
}
