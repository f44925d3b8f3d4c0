import type { Task } from '@holdfast/client';
import type { Context } from '../context.ts';
import { CliError } from '../errors.ts';
import { type FilterOptions, hasFilter, toFilter } from '../planning/filter.ts';
import type { Connection } from '../server/connect.ts';
import { toPlain } from '../terminal/plain.ts';
import { bold, openPrompts, type Prompts } from '../terminal/prompts.ts';
import { findTasks, type FoundTask } from './find-tasks.ts';

export interface SelectOptions extends FilterOptions {
  yes?: true;
}

/** How a command selects tasks. */
export interface Selection {
  parts: string[];
  options: SelectOptions;
  /** Ask also if the user gave IDs. */
  asksForIds: boolean;
  /** The question for tasks such as `3 tasks (a, b, c)`. */
  ask: (tasks: string) => string;
}

const shownMax = 5;

/**
 * Selects tasks by IDs, or the open tasks that match the filter options, and asks for confirmation.
 *
 * @throws CliError USAGE, NOT_FOUND, AMBIGUOUS_ID, CANCELLED
 */
export async function selectTasks(
  context: Context,
  { holdfast, profile }: Connection,
  { parts, options, asksForIds, ask }: Selection,
): Promise<FoundTask[]> {
  const isFilter = hasFilter(options);
  if (isFilter === parts.length > 0) {
    throw new CliError(
      'USAGE',
      isFilter ? 'Give IDs or filters, not both.' : 'Give an ID, or a filter such as --list.',
    );
  }
  const { output, signal } = context;
  const prompts: Prompts | null =
    options.yes || !(isFilter || asksForIds) ? null : await openPrompts(context, 'Add --yes.');
  let found: FoundTask[] = [];
  if (isFilter) {
    const filter = { ...(await toFilter(profile, options)), completed: false, limit: 200 };
    for await (const task of holdfast.task.listAll(filter, { signal })) found.push({ id: task.id, task });
    if (found.length === 0) output.note('No open tasks match.');
  } else {
    found = await findTasks(holdfast, parts, { signal });
  }
  if (!prompts || found.length === 0) return found;
  if (await prompts.confirm(ask(await describe(found, (id) => holdfast.task.get({ id }, { signal }))))) return found;
  throw new CliError('CANCELLED', 'Nothing changed.');
}

/** The title of one task, or the number of tasks with some titles. */
async function describe(found: FoundTask[], get: (id: string) => Promise<Task>): Promise<string> {
  const tasks = await Promise.all(found.slice(0, shownMax).map(async ({ id, task }) => task ?? get(id)));
  const titles = tasks.map(({ title }) => bold(toPlain(title))).join(', ');
  if (found.length === 1) return titles;
  return `${found.length} tasks (${titles}${found.length > shownMax ? ', …' : ''})`;
}
