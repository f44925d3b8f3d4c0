import type { Task, TaskFilter, TaskPage } from '@holdfast/client';
import type { Context } from '../context.ts';
import { type FilterOptions, hasFilter, toFilter } from '../planning/filter.ts';
import { connect } from '../server/connect.ts';
import { loadView, writeTasks } from '../tasks/task-view.ts';
import type { Output } from '../terminal/output.ts';
import { assertArguments } from '../terminal/utf8.ts';

export interface ListOptions extends FilterOptions {
  all?: true;
  done?: true;
  oldest?: true;
  sort?: Exclude<TaskFilter['order'], undefined>;
  search?: string;
  limit?: number;
}

/** Default limit at a terminal. Pipes and JSON get all tasks. */
const terminalLimit = 50;
const pageMax = 200;

export async function list(context: Context, options: ListOptions): Promise<void> {
  const { output, signal } = context;
  assertArguments([options.search, options.list, options.label, options.due]);
  const { holdfast, profile } = await connect(context);
  const filter = {
    order: options.oldest ? ('oldest' as const) : (options.sort ?? ('newest' as const)),
    ...(!options.all && { completed: options.done === true }),
    ...(options.search !== undefined && { search: options.search }),
    ...(await toFilter(profile, options)),
  };
  const limit = options.limit ?? (output.isTerminal && !output.isJson ? terminalLimit : Infinity);
  const { tasks, isMore } = await collect((page) => holdfast.task.list({ ...filter, ...page }, { signal }), limit);
  if (output.isJson) return output.json(tasks);
  writeTasks(output, tasks, await loadView(output, tasks, profile));
  if (isMore && options.limit === undefined) writeMore(output, limit);
  if (tasks.length === 0 && output.isTerminal) output.note(toEmptyText(options));
}

/** Open tasks that are due today or earlier. */
export const today = (context: Context, options: ListOptions) =>
  list(context, { sort: 'due', ...options, due: '..today' });

export function writeMore(output: Output, limit: number): void {
  output.note(`There are more than ${limit} tasks. Show more with --limit <n>.`);
}

function toEmptyText({ all, done, search, ...options }: ListOptions): string {
  if (search !== undefined || hasFilter(options)) return 'No tasks match.';
  if (all) return 'No tasks.';
  return done ? 'No completed tasks.' : 'No open tasks.';
}

interface PageInput {
  limit: number;
  cursor?: string;
}

/** Collects pages of tasks up to a limit. */
export async function collect(getPage: (input: PageInput) => Promise<TaskPage>, limit: number) {
  const tasks: Task[] = [];
  let cursor: string | null | undefined;
  do {
    const page = { limit: Math.min(pageMax, limit - tasks.length), ...(cursor && { cursor }) };
    const { items, nextCursor } = await getPage(page);
    tasks.push(...items);
    cursor = nextCursor;
  } while (cursor !== null && tasks.length < limit);
  return { tasks, isMore: cursor !== null };
}
