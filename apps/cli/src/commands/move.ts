import type { Context } from '../context.ts';
import { CliError } from '../errors.ts';
import { findListId } from '../planning/find-list.ts';
import { saveUndo } from '../planning/save-undo.ts';
import { toUndoOfUpdate } from '../planning/undo-change.ts';
import { connect } from '../server/connect.ts';
import { findTasks } from '../tasks/find-tasks.ts';
import { settle, settleMany } from '../tasks/settle.ts';
import { writeChanged } from '../tasks/task-view.ts';

export interface MoveOptions {
  list?: string;
  inbox?: true;
}

/** Reads the tasks before it moves them, because undo needs their lists. */
export async function move(context: Context, parts: string[], { list, inbox }: MoveOptions): Promise<void> {
  if (list === undefined && !inbox) throw new CliError('USAGE', 'No list is given. Add --list <name> or --inbox.');
  const { output, signal } = context;
  const { holdfast, profile, owner } = await connect(context);
  const listId = list === undefined ? null : findListId(await profile.lists(), list);
  const found = await findTasks(holdfast, parts, { signal });
  const before = await settle(found, async ({ id, task }) => task ?? holdfast.task.get({ id }, { signal }));
  const after = await settleMany(
    before.results.map(({ id }) => id),
    async (ids) => (await holdfast.task.updateMany({ ids, set: { listId } }, { signal })).items,
  );
  await saveUndo(context, owner, { command: 'move', change: toUndoOfUpdate(before.results, after.results) });
  writeChanged(output, 'Moved', after.results);
  const errors = [...before.errors, ...after.errors];
  if (errors.length > 0) throw new AggregateError(errors);
}
