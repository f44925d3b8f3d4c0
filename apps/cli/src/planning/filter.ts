import type { CountTasksInput } from '@holdfast/client';
import { type PriorityName, toPriority } from './describe.ts';
import { findListId } from './find-list.ts';
import type { Profile } from './profile.ts';

/** Options that select tasks. */
export interface FilterOptions {
  list?: string;
  label?: string;
  due?: string;
  priority?: PriorityName;
}

export const hasFilter = ({ list, label, due, priority }: FilterOptions) =>
  [list, label, due, priority].some((option) => option !== undefined);

/** @throws CliError USAGE, NOT_FOUND */
export async function toFilter(profile: Profile, options: FilterOptions): Promise<CountTasksInput> {
  const { list, label, due, priority } = options;
  const [lists, present, { parseDue }] = await Promise.all([
    list === undefined ? [] : profile.lists(),
    due === undefined ? undefined : profile.present(),
    // The parser of dates is large.
    due === undefined ? { parseDue: undefined } : import('./due.ts'),
  ]);
  return {
    ...(list !== undefined && { listId: findListId(lists, list) }),
    ...(label !== undefined && { label: label.replace(/^#/, '') }),
    ...(parseDue && { due: parseDue(due!, present!) }),
    ...(priority !== undefined && { priority: toPriority(priority) }),
  };
}
