import type { Context } from '../context.ts';
import { CliError } from '../errors.ts';
import { findConfigFolder } from '../server/config-folder.ts';
import type { UndoEntry, UndoOwner } from './undo.ts';

/** Stores how to undo a command that has succeeded. A command that changed nothing has no change. */
export async function saveUndo(
  { env, output }: Context,
  owner: UndoOwner,
  { command, change }: { command: string; change: UndoEntry['change'] | undefined },
): Promise<void> {
  if (change === undefined || ('ids' in change && change.ids.length === 0)) return;
  const { createUndoStore } = await import('./undo.ts');
  try {
    await createUndoStore(findConfigFolder(env)).save(owner, { command, change });
  } catch (error) {
    if (!(error instanceof CliError)) throw error;
    output.warn(`The change is saved, but you cannot undo it. ${error.message}`);
  }
}
