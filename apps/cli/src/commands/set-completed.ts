import type { Context } from '../context.ts';
import { saveUndo } from '../planning/save-undo.ts';
import { connect } from '../server/connect.ts';
import { selectTasks, type SelectOptions } from '../tasks/select-tasks.ts';
import { settleMany } from '../tasks/settle.ts';
import { writeChanged } from '../tasks/task-view.ts';

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
  const { output, signal } = context;
  const connection = await connect(context);
  const found = await selectTasks(context, connection, {
    parts,
    options,
    asksForIds: false,
    ask: (tasks) => `Mark ${tasks} as done?`,
  });
  const before = new Map(found.map(({ id, task }) => [id, task]));
  const { results, assertAll } = await settleMany([...before.keys()], async (ids) => {
    const { items } = await connection.holdfast.task.updateMany({ ids, set: { completed } }, { signal });
    return items;
  });
  // A task that was given by its whole ID is not read before.
  const changed = results.filter(({ id }) => before.get(id)?.completed !== completed);
  const tasks = changed.map(({ id, version }) => ({ id, version, before: { completed: !completed } }));
  const change = tasks.length === 0 ? undefined : { kind: 'updated' as const, tasks };
  await saveUndo(context, connection.owner, { command, change });
  writeChanged(output, completed ? 'Done' : 'Reopened', results);
  assertAll();
}
