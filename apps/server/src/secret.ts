import { randomBytes } from 'node:crypto';
import { link, open, readFile, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { makeFolder } from '@holdfast/embedded-postgres';
import { StartError } from './start-error.ts';

/**
 * The secret that is kept in the data folder, made at first need. Processes that start at once get the same one.
 *
 * @throws StartError when the folder cannot be used or the file is damaged.
 */
export async function openSecret(dataDir: string): Promise<string> {
  const path = join(dataDir, 'auth-secret');
  try {
    const secret = (await readSecret(path)) ?? (await makeSecret(dataDir, path));
    if (secret.length >= 32) return secret;
  } catch (error) {
    throw new StartError(`The secret in ${path} cannot be read or made: ${(error as Error).message}`, { cause: error });
  }
  throw new StartError(`The secret in ${path} is damaged: restore it, or set AUTH_SECRET to the one that was in it.`);
}

async function readSecret(path: string): Promise<string | undefined> {
  try {
    return (await readFile(path, 'utf8')).trim();
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw error;
  }
}

/** The file takes its name once it is whole and on disk; a name that is taken by then stays with its owner. */
async function makeSecret(dataDir: string, path: string): Promise<string> {
  await makeFolder(dataDir);
  const draft = `${path}.${randomBytes(6).toString('hex')}`;
  try {
    const file = await open(draft, 'wx', 0o600);
    await file.writeFile(`${randomBytes(32).toString('base64url')}\n`);
    await file.sync();
    await file.close();
    // Some file systems know no links.
    await link(draft, path).catch((error: NodeJS.ErrnoException) =>
      error.code === 'EEXIST' ? undefined : rename(draft, path),
    );
  } finally {
    await rm(draft, { force: true });
  }
  return (await readSecret(path)) ?? '';
}
