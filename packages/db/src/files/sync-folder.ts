import { open } from 'node:fs/promises';

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
