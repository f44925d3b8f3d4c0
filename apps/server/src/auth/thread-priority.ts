import { readdir, readFile } from 'node:fs/promises';
import { getPriority, setPriority } from 'node:os';

/** Added to the nice value of the process. 19 is the lowest priority. */
const difference = 5;
const nicest = 19;

/**
 * Lowers the priority of the threads of libuv's pool, which hash passwords, so that a hash delays other work only if a
 * processor is free. Does nothing if the system is not Linux, where each thread has its own priority.
 */
export async function lowerThreadPriority(): Promise<void> {
  const folder = '/proc/self/task';
  try {
    const priority = Math.min(nicest, getPriority() + difference);
    for (const thread of await readdir(folder)) {
      const name = await readFile(`${folder}/${thread}/comm`, 'utf8');
      if (name.startsWith('libuv-worker')) setPriority(Number(thread), priority);
    }
  } catch {
    // Hashes then have the priority of all other work.
  }
}
