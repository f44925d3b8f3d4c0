import type { Context } from '../context.ts';
import { connect } from '../server/connect.ts';
import { findTasks } from '../tasks/find-tasks.ts';
import { loadView, toLines } from '../tasks/task-view.ts';

export async function show(context: Context, part: string): Promise<void> {
  const { output, signal } = context;
  const { holdfast, profile } = await connect(context);
  const [found] = await findTasks(holdfast, [part], { signal });
  const task = found!.task ?? (await holdfast.task.get({ id: found!.id }, { signal }));
  if (output.isJson) return output.json(task);
  const view = await loadView(output, [task], profile);
  output.line(toLines(task, output.isTerminal, view).join('\n'));
}
