import { mkdir, open, stat } from 'node:fs/promises';
import { dirname } from 'node:path';
import { toSystemCode } from './system-error.ts';

/**
 * Makes a folder, and those above it, where there is none yet. Node's own `recursive` never ends below a folder that is
 * there and in which nothing can be, as in /proc.
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

/** Makes sure that the names in a folder are on disk. */
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
