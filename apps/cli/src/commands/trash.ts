import type { Holdfast, Task } from '@holdfast/client';
import type { Context } from '../context.ts';
import { CliError } from '../errors.ts';
import { saveUndo } from '../planning/save-undo.ts';
import { type Connection, connect } from '../server/connect.ts';
import { findTasks } from '../tasks/find-tasks.ts';
import { settleMany } from '../tasks/settle.ts';
import { loadView, writeChanged, writeTasks } from '../tasks/task-view.ts';
import { openPrompts } from '../terminal/prompts.ts';
import { collect, writeMore } from './list.ts';

export interface TrashOptions {
  restore?: string[];
  empty?: true;
  yes?: true;
  limit?: number;
}

/** Default limit at a terminal. */
const terminalLimit = 50;

export async function trash(context: Context, options: TrashOptions): Promise<void> {
  if (options.empty) return empty(context, options);
  const connection = await connect(context);
  return options.restore ? restore(context, connection, options.restore) : show(context, connection, options);
}

async function show({ output, signal }: Context, { holdfast, profile }: Connection, options: TrashOptions) {
  const limit = options.limit ?? (output.isTerminal && !output.isJson ? terminalLimit : Infinity);
  const { tasks, isMore } = await collect((page) => holdfast.trash.list(page, { signal }), limit);
  if (output.isJson) return output.json(tasks);
  writeTasks(output, tasks, await loadView(output, tasks, profile));
  if (isMore && options.limit === undefined) writeMore(output, limit);
  if (tasks.length === 0 && output.isTerminal) output.note('The trash is empty.');
}

async function restore(context: Context, { holdfast, owner }: Connection, parts: string[]): Promise<void> {
  const { output, signal } = context;
  const { tasks } = await collect((page) => holdfast.trash.list(page, { signal }), Infinity);
  const found = await findTasks(holdfast, parts, { signal, tasks });
  const { results, assertAll } = await settleMany(
    found.map(({ id }) => id),
    async (ids) => (await holdfast.trash.restore({ ids }, { signal })).items,
  );
  // The server also returns tasks that were not in the trash. Undo must not move them there.
  const deleted = new Set(tasks.map(({ id }) => id));
  const ids = results.map(({ id }) => id).filter((id) => deleted.has(id));
  await saveUndo(context, owner, { command: 'trash --restore', change: { kind: 'created', ids } });
  writeChanged(output, 'Restored', results);
  assertAll();
}

async function empty(context: Context, { yes }: TrashOptions): Promise<void> {
  const { output, signal } = context;
  const prompts = yes ? null : await openPrompts(context, 'Add --yes.');
  const { holdfast, owner } = await connect(context);
  const limit = prompts ? Infinity : 1;
  const { tasks } = await collect((page) => holdfast.trash.list(page, { signal }), limit);
  const [latest] = tasks;
  if (prompts && latest) {
    const what = tasks.length === 1 ? '1 task' : `${tasks.length} tasks`;
    if (!(await prompts.confirm(`Delete ${what} for good? You cannot undo this.`))) {
      throw new CliError('CANCELLED', 'Nothing was deleted.');
    }
  }
  const count = latest ? await purge(holdfast, latest, signal) : 0;
  if (count > 0) await saveUndo(context, owner, { command: 'trash --empty', change: { kind: 'final' } });
  if (output.isJson) return output.json({ count });
  output.line(`Deleted ${count === 1 ? '1 task' : `${count} tasks`} for good.`);
}

/** Removes all tasks that were in the trash when it was listed. One call removes at most 1,000. */
async function purge(holdfast: Holdfast, latest: Task, signal: AbortSignal): Promise<number> {
  // The server stores microseconds and sends milliseconds.
  const before = new Date(Date.parse(latest.deletedAt!) + 1).toISOString();
  let total = 0;
  for (let count = -1; count !== 0; total += count) ({ count } = await holdfast.trash.purge({ before }, { signal }));
  return total;
}
