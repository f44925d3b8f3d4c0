import type { UpdateTasksInput } from '@holdfast/client';
import type { Context } from '../context.ts';
import { saveUndo } from '../planning/save-undo.ts';
import { toUndoOfUpdate } from '../planning/undo-change.ts';
import type { Connection } from '../server/connect.ts';
import type { FoundTask } from './find-tasks.ts';
import { settle, settleMany } from './settle.ts';
import { writeChanged } from './task-view.ts';

export interface ManyChange {
  /** The command that the user gave. */
  command: string;
  /** The first word of each line of output. */
  word: string;
  set: UpdateTasksInput['set'];
}

/** Makes the same change to tasks. Reads the tasks before, because undo needs their values. @throws AggregateError */
export async function updateTasks(
  context: Context,
  { holdfast, owner }: Connection,
  { found, command, word, set }: ManyChange & { found: FoundTask[] },
): Promise<void> {
  const { output, signal } = context;
  const before = await settle(found, async ({ id, task }) => task ?? holdfast.task.get({ id }, { signal }));
  const after = await settleMany(
    before.results.map(({ id }) => id),
    async (ids) => (await holdfast.task.updateMany({ ids, set }, { signal })).items,
  );
  await saveUndo(context, owner, { command, change: toUndoOfUpdate(before.results, after.results) });
  writeChanged(output, word, after.results);
  const errors = [...before.errors, ...after.errors];
  if (errors.length > 0) throw new AggregateError(errors);
}
