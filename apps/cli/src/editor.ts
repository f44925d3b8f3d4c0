import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { CliError } from './errors.ts';

/** A text that somebody has edited. */
export interface Edited {
  text: string;
  /** Where it is kept until it is forgotten. */
  path: string;
  forget(): Promise<void>;
}

const isWindows = process.platform === 'win32';

/**
 * Lets the person at the terminal edit a text in the editor of their choice.
 *
 * @throws CliError EDITOR_FAILED.
 */
export async function edit(text: string, env: Record<string, string | undefined>): Promise<Edited> {
  const editor = env['VISUAL'] || env['EDITOR'] || (isWindows ? 'notepad' : 'vi');
  // Only this user may enter a folder that is made so.
  const folder = await mkdtemp(join(tmpdir(), 'tasks-'));
  const path = join(folder, 'task.md');
  const forget = () => rm(folder, { recursive: true, force: true });
  await writeFile(path, text, { mode: 0o600 });
  if (await runEditor(editor, path)) return { text: await readFile(path, 'utf8'), path, forget };
  await forget();
  const message = `The editor '${editor}' has failed: set VISUAL or EDITOR to another, or use --title and --description.`;
  throw new CliError('EDITOR_FAILED', message);
}

const ignore = () => {};

/** The variable is a command line: editors are asked to wait with a flag. */
async function runEditor(editor: string, path: string): Promise<boolean> {
  const stdio: ['inherit', number, 'inherit'] = ['inherit', process.stderr.fd, 'inherit'];
  // Ctrl+C is the editor's while it runs.
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
