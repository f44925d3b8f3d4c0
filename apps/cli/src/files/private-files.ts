import { randomBytes } from 'node:crypto';
import { chmod, open, readFile, rename, rm, stat } from 'node:fs/promises';

const hasModes = process.platform !== 'win32';

/** Sets the mode of a file or folder that other users can access. Returns both modes as text if it did. */
export async function correctMode(path: string, mode: number): Promise<string | undefined> {
  const found = (await stat(path)).mode & 0o777;
  if (!hasModes || (found & 0o077) === 0) return undefined;
  await chmod(path, mode);
  return `mode ${found.toString(8)}, now ${mode.toString(8)}`;
}

export async function readIfExists(path: string): Promise<string | undefined> {
  return readFile(path, 'utf8').catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return undefined;
    throw error;
  });
}

/** Renames a complete file into place, so that a reader gets either the old or the new content. */
export async function writeAtomically(path: string, text: string): Promise<void> {
  const draft = `${path}.${randomBytes(6).toString('hex')}`;
  try {
    const file = await open(draft, 'wx', 0o600);
    try {
      await file.writeFile(text);
      await file.sync();
    } finally {
      await file.close();
    }
    await rename(draft, path);
  } finally {
    await rm(draft, { force: true });
  }
}
