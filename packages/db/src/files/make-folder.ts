import { existsSync } from 'node:fs';
import { mkdir, stat } from 'node:fs/promises';
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
