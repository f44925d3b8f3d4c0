import type { Due } from '@holdfast/client';
import { type PriorityName, toPriority } from './describe.ts';
import { findListId } from './find-list.ts';
import type { Profile } from './profile.ts';

/** Options that set values of a task. */
export interface ValueOptions {
  due?: string;
  list?: string;
  label?: string[];
  priority?: PriorityName;
}

export interface PlannedValues {
  due?: Due | null;
  listId?: string | null;
  labels?: string[];
  priority?: 0 | 1 | 2 | 3;
}

/** Values for the given options. @throws CliError USAGE, NOT_FOUND */
export async function toValues(profile: Profile, options: ValueOptions): Promise<PlannedValues> {
  const { due, list, label, priority } = options;
  const [lists, present, { toDueInput }] = await Promise.all([
    list === undefined ? [] : profile.lists(),
    due === undefined ? undefined : profile.present(),
    due === undefined ? { toDueInput: undefined } : import('./due.ts'),
  ]);
  return {
    ...(toDueInput && { due: toDueInput(due!, present!) }),
    ...(list !== undefined && { listId: findListId(lists, list) }),
    ...(label !== undefined && { labels: uniteLabels(label.map((one) => one.replace(/^#/, ''))) }),
    ...(priority !== undefined && { priority: toPriority(priority) }),
  };
}

/** Without labels that differ from an earlier one only in case. */
export const uniteLabels = (labels: string[]) =>
  labels.filter((label, index) => labels.findIndex((one) => one.toLowerCase() === label.toLowerCase()) === index);
