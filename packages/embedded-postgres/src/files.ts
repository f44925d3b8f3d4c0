import { existsSync } from 'node:fs';
import { mkdir, open, stat } from 'node:fs/promises';
import { dirname } from 'node:path';

/** Creates a folder and its missing parents. */
export async function makeFolder(path: string, mode?: number): Promise<void> {
  const parent = dirname(path);
  // The option `recursive` of `mkdir` is not used: in Node 24, it never returns for a path below /proc.
  if (!existsSync(parent)) await makeFolder(parent, mode);
  await mkdir(path, mode).catch(async (error: unknown) => {
    const found = await stat(path).catch(() => undefined);
    if (!found?.isDirectory()) throw error;
  });
}

/** Flushes the entries of a folder to disk. Does nothing on Windows. */
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
