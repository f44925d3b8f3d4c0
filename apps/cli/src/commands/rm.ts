import type { Context } from '../context.ts';
import { CliError } from '../errors.ts';
import { connect } from '../server/connect.ts';
import { findTasks } from '../tasks/find-tasks.ts';
import { settle } from '../tasks/settle.ts';
import { toPlain } from '../terminal/plain.ts';
import { bold, openPrompts } from '../terminal/prompts.ts';

export async function rm(context: Context, parts: string[], { yes }: { yes?: true }): Promise<void> {
  const { output, signal } = context;
  const prompts = yes ? null : await openPrompts(context, 'Add --yes.');
  const { holdfast } = await connect(context);
  const found = await findTasks(holdfast, parts, { signal });
  if (prompts) {
    const tasks = await Promise.all(found.map(async ({ id, task }) => task ?? holdfast.task.get({ id }, { signal })));
    const titles = tasks.map(({ title }) => bold(toPlain(title))).join(', ');
    if (!(await prompts.confirm(`Delete ${titles}? You cannot undo this.`))) {
      throw new CliError('CANCELLED', 'Nothing was deleted.');
    }
  }
  const { results, assertAll } = await settle(
    found.map(({ id }) => ({ id, call: holdfast.task.delete({ id }, { signal }) })),
  );
  if (output.isJson) output.json(results);
  else for (const { id } of results) output.line(output.isTerminal ? `Deleted ${toPlain(id)}.` : toPlain(id));
  assertAll();
}
