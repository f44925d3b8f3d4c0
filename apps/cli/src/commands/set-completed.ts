import type { Context } from '../context.ts';
import { connect } from '../server/connect.ts';
import { findTasks } from '../tasks/find-tasks.ts';
import { settle } from '../tasks/settle.ts';
import { writeChanged } from '../tasks/task-view.ts';

/** The commands `done` and `undo`. */
export async function setCompleted(context: Context, parts: string[], completed: boolean): Promise<void> {
  const { output, signal } = context;
  const { holdfast } = await connect(context);
  const found = await findTasks(holdfast, parts, { signal });
  const { results, assertAll } = await settle(
    found.map(({ id }) => ({ id, call: holdfast.task.update({ id, completed }, { signal }) })),
  );
  writeChanged(output, completed ? 'Done' : 'Reopened', results);
  assertAll();
}
