import type { Context } from '../context.ts';
import { connect } from '../server/connect.ts';
import { selectTasks, type SelectOptions } from '../tasks/select-tasks.ts';
import { updateTasks } from '../tasks/update-tasks.ts';

export interface CompletedChange {
  /** The command that the user gave. */
  command: string;
  completed: boolean;
}

/** The commands `done` and `reopen`. */
export async function setCompleted(
  context: Context,
  { parts, options }: { parts: string[]; options: SelectOptions },
  { command, completed }: CompletedChange,
): Promise<void> {
  const connection = await connect(context);
  const found = await selectTasks(context, connection, {
    parts,
    options,
    asksForIds: false,
    ask: (tasks) => `Mark ${tasks} as done?`,
  });
  await updateTasks(context, connection, { found, command, word: completed ? 'Done' : 'Reopened', set: { completed } });
}
