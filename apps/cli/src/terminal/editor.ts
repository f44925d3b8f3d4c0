import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { CliError } from '../errors.ts';

/** An edited text. */
export interface Edited {
  bytes: Uint8Array;
  /** The file of the text. It exists until `remove`. */
  path: string;
  remove(): Promise<void>;
}

const isWindows = process.platform === 'win32';

/**
 * Opens a text in the user's editor and waits until it exits.
 *
 * @throws CliError EDITOR_FAILED
 */
export async function edit(text: string, env: Record<string, string | undefined>): Promise<Edited> {
  const editor = env['VISUAL'] || env['EDITOR'] || (isWindows ? 'notepad' : 'vi');
  // `mkdtemp` creates a folder that only this user can access.
  const folder = await mkdtemp(join(tmpdir(), 'tasks-'));
  const path = join(folder, 'task.md');
  const remove = () => rm(folder, { recursive: true, force: true });
  await writeFile(path, text, { mode: 0o600 });
  if (await runEditor(editor, path)) return { bytes: await readFile(path), path, remove };
  await remove();
  const message = `The editor '${editor}' failed. Set VISUAL or EDITOR, or use --title and --description.`;
  throw new CliError('EDITOR_FAILED', message);
}

const ignore = () => {};

/** Runs the editor. The variable is a command line, because some editors need a flag to wait. */
async function runEditor(editor: string, path: string): Promise<boolean> {
  const stdio: ['inherit', number, 'inherit'] = ['inherit', process.stderr.fd, 'inherit'];
  // While the editor runs, it handles Ctrl+C.
  const listeners = process.listeners('SIGINT');
  process.removeAllListeners('SIGINT').on('SIGINT', ignore);
  try {
    const child = isWindows
      ? spawn(`${editor} "${path}"`, { stdio, shell: true })
      : spawn('/bin/sh', ['-c', `${editor} "$1"`, editor, path], { stdio });
    const [code] = (await once(child, 'exit')) as [number | null];
    return code === 0;
  } finally {
    process.off('SIGINT', ignore);
    for (const listener of listeners) process.on('SIGINT', listener);
  }
}
