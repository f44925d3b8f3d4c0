import type { Holdfast, Task } from '@holdfast/client';
import type { Context } from '../context.ts';
import { connect } from '../server/connect.ts';
import { writeTasks } from '../tasks/task-view.ts';

export interface ListOptions {
  all?: true;
  done?: true;
  oldest?: true;
  limit?: number;
}

/** Default limit at a terminal. Pipes and JSON get all tasks. */
const terminalLimit = 50;
const pageMax = 200;

export async function list(context: Context, options: ListOptions): Promise<void> {
  const { output, signal } = context;
  const { holdfast } = await connect(context);
  const limit = options.limit ?? (output.isTerminal && !output.isJson ? terminalLimit : Infinity);
  const { tasks, isMore } = await collect(holdfast, { options, limit, signal });
  if (output.isJson) return output.json(tasks);
  writeTasks(output, tasks);
  if (isMore && options.limit === undefined)
    output.note(`There are more than ${limit} tasks. Show more with --limit <n>.`);
  if (tasks.length === 0 && output.isTerminal) output.note(options.done ? 'No completed tasks.' : 'No open tasks.');
}

interface CollectOptions {
  options: ListOptions;
  limit: number;
  signal: AbortSignal;
}

async function collect(holdfast: Holdfast, { options, limit, signal }: CollectOptions) {
  const filter = {
    order: options.oldest ? ('oldest' as const) : ('newest' as const),
    ...(!options.all && { completed: options.done === true }),
  };
  const tasks: Task[] = [];
  let cursor: string | null | undefined;
  do {
    const page = { limit: Math.min(pageMax, limit - tasks.length), ...(cursor && { cursor }) };
    const { items, nextCursor } = await holdfast.task.list({ ...filter, ...page }, { signal });
    tasks.push(...items);
    cursor = nextCursor;
  } while (cursor !== null && tasks.length < limit);
  return { tasks, isMore: cursor !== null };
}
