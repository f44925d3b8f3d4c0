import type { Context } from '../context.ts';
import { saveUndo } from '../planning/save-undo.ts';
import { connect } from '../server/connect.ts';
import { selectTasks, type SelectOptions } from '../tasks/select-tasks.ts';
import { settleMany } from '../tasks/settle.ts';
import { toPlain } from '../terminal/plain.ts';

export async function rm(context: Context, parts: string[], options: SelectOptions): Promise<void> {
  const { output, signal } = context;
  const connection = await connect(context);
  const found = await selectTasks(context, connection, {
    parts,
    options,
    asksForIds: true,
    ask: (tasks) => `Move ${tasks} to the trash?`,
  });
  const { results, assertAll } = await settleMany(
    found.map(({ id }) => id),
    async (ids) => (await connection.holdfast.task.deleteMany({ ids }, { signal })).ids,
  );
  await saveUndo(context, connection.owner, { command: 'rm', change: { kind: 'deleted', ids: results } });
  if (output.isJson) output.json(results.map((id) => ({ id })));
  else for (const id of results) output.line(output.isTerminal ? `Moved ${toPlain(id)} to the trash.` : toPlain(id));
  assertAll();
}
