import { mkdir, open, stat } from 'node:fs/promises';
import { dirname } from 'node:path';
import { toSystemCode } from './error.ts';

/**
 * Creates a folder and its parents, if they do not exist. Not `mkdir` with `recursive`: Node 24 never returns if a parent exists
 * but cannot contain folders, such as /proc.
 */
export async function makeFolder(path: string, mode?: number): Promise<void> {
  try {
    await mkdir(path, mode);
  } catch (error) {
    const above = dirname(path);
    if (toSystemCode(error) === 'ENOENT' && above !== path && !(await isFolder(above))) {
      await makeFolder(above, mode);
      return makeFolder(path, mode);
    }
    if (!(await isFolder(path))) throw error;
  }
}

async function isFolder(path: string): Promise<boolean> {
  const found = await stat(path).catch(() => undefined);
  return found?.isDirectory() ?? false;
}

/** Writes the entries of a folder to disk (fsync). */
export async function syncFolder(folder: string): Promise<void> {
  // Windows cannot open a folder.
  if (process.platform === 'win32') return;
  const handle = await open(folder);
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}
