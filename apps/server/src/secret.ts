import { randomBytes } from 'node:crypto';
import { link, open, readFile, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { makeFolder } from '@holdfast/embedded-postgres';
import { StartError } from './start-error.ts';

/**
 * Returns the secret in the data folder, and creates it at first use. Processes that start at the same time get the same
 * secret.
 *
 * @throws StartError if the folder cannot be used or the file is damaged.
 */
export async function openSecret(dataDir: string): Promise<string> {
  const path = join(dataDir, 'auth-secret');
  try {
    const secret = (await readSecret(path)) ?? (await createSecret(dataDir, path));
    if (secret.length >= 32) return secret;
  } catch (error) {
    const { message } = error as Error;
    throw new StartError(`The secret in ${path} cannot be read or created (${message}). Change HOLDFAST_DATA_DIR.`, {
      cause: error,
    });
  }
  throw new StartError(`The secret in ${path} is damaged. Restore the file, or set AUTH_SECRET to its former content.`);
}

async function readSecret(path: string): Promise<string | undefined> {
  try {
    return (await readFile(path, 'utf8')).trim();
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw error;
  }
}

/** Writes a temporary file to disk and then links it to its name. If the name exists by then, that file remains. */
async function createSecret(dataDir: string, path: string): Promise<string> {
  await makeFolder(dataDir);
  const temporary = `${path}.${randomBytes(6).toString('hex')}`;
  try {
    const file = await open(temporary, 'wx', 0o600);
    await file.writeFile(`${randomBytes(32).toString('base64url')}\n`);
    await file.sync();
    await file.close();
    // Some file systems do not support hard links.
    await link(temporary, path).catch((error: NodeJS.ErrnoException) =>
      error.code === 'EEXIST' ? undefined : rename(temporary, path),
    );
  } finally {
    await rm(temporary, { force: true });
  }
  return (await readSecret(path)) ?? '';
}
