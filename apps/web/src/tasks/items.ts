import type { Task } from '@holdfast/client';
import { taskListTexts } from '../texts/tasks.ts';

export interface Section {
  /** The date of a day, so that its tasks need not show it, or another text. */
  id: string;
  /** Heading of the section. A list with one section has no heading. */
  title?: string | undefined;
  tasks: readonly Task[];
  /** Called with the tasks that are dropped here. It can give them a date. */
  onDrop?: (ids: readonly string[]) => void;
  /** The heading is a button that shows and hides the tasks. They are hidden at first. */
  isFold?: boolean;
  /** A button in the heading, for all tasks of the section. */
  action?: { label: string; run(): void } | undefined;
}

/** A section with the completed tasks of a list, for its end. Empty without such tasks. */
export const toCompletedFold = (tasks: readonly Task[]): Section[] =>
  tasks.length === 0
    ? []
    : [{ id: 'completed', title: taskListTexts.showCompleted(tasks.length), tasks, isFold: true }];

interface HeadingItem {
  key: string;
  section: Section;
  task?: undefined;
}

interface TaskItem {
  /** ID of the task. */
  key: string;
  section: Section;
  task: Task;
}

/** A row of the list. */
export type Item = HeadingItem | TaskItem;

export const toHeadingKey = (section: Section) => `heading ${section.id}`;

/** Rows of the sections. `unfolded` has the IDs of the folds that are open. */
export function toItems(sections: readonly Section[], unfolded: ReadonlySet<string>): Item[] {
  const items: Item[] = [];
  for (const section of sections) {
    if (section.title !== undefined) items.push({ key: toHeadingKey(section), section });
    if (section.isFold && !unfolded.has(section.id)) continue;
    for (const task of section.tasks) items.push({ key: task.id, section, task });
  }
  return items;
}

interface Leaving {
  /** The rows before the change. */
  before: readonly Item[];
  /** IDs of completed tasks that remain visible for a moment. */
  ids: ReadonlySet<string>;
  find(id: string): Task | undefined;
}

/** Adds the completed tasks that are still shown, at the places that they had, with the headings that only they had. */
export function withLeaving(items: readonly Item[], { before, ids, find }: Leaving): readonly Item[] {
  if (ids.size === 0) return items;
  const isFolded = ({ key, section }: Item) => section.isFold === true && ids.has(key);
  const result = items.some(isFolded) ? items.filter((item) => !isFolded(item)) : items;
  const present = new Set(result.map(({ key }) => key));
  const headings = new Set(before.filter(({ key }) => ids.has(key)).map(({ section }) => toHeadingKey(section)));
  const added = new Map<string | null, Item[]>();
  let above: string | null = null;
  for (const item of before) {
    if (present.has(item.key)) above = item.key;
    else if (ids.has(item.key) || headings.has(item.key)) {
      const task = item.task && find(item.key);
      if (item.task && (!task?.completed || task.deletedAt !== null)) continue;
      const group = added.get(above) ?? [];
      added.set(above, group);
      group.push(task ? { ...item, task } : item);
    }
  }
  if (added.size === 0) return result;
  const all = [...(added.get(null) ?? [])];
  for (const item of result) all.push(item, ...(added.get(item.key) ?? []));
  return all;
}

const isTask = (item: Item): item is TaskItem => item.task !== undefined;

/** The next task in a direction, from an index on. Undefined at the end of the list. */
export function findTask(items: readonly Item[], from: number, step: 1 | -1): TaskItem | undefined {
  for (let at = from; at >= 0 && at < items.length; at += step) {
    const item = items[at]!;
    if (isTask(item)) return item;
  }
  return undefined;
}

/** The row that takes the focus if the active one is gone: the next one of the earlier rows, else the one before it. */
export function findActive(items: readonly Item[], before: readonly Item[], active: string | null): string | null {
  // Nearly always, the active row is still there.
  if (active !== null && items.some((item) => item.key === active && isTask(item))) return active;
  const present = new Set<string>();
  for (const item of items) if (isTask(item)) present.add(item.key);
  const at = before.findIndex(({ key }) => key === active);
  const nearest =
    at === -1
      ? undefined
      : (before.slice(at).find(({ key }) => present.has(key)) ??
        before.slice(0, at).findLast(({ key }) => present.has(key)));
  return nearest?.key ?? findTask(items, 0, 1)?.key ?? null;
}

/** The tasks between two rows, in the order of the list. */
export function findRange(items: readonly Item[], from: string, to: string): string[] {
  const [one, other] = [items.findIndex(({ key }) => key === from), items.findIndex(({ key }) => key === to)];
  if (one === -1 || other === -1) return [to];
  return items
    .slice(Math.min(one, other), Math.max(one, other) + 1)
    .filter(isTask)
    .map(({ key }) => key);
}

/** The tasks that can be moved and selected together: all except those of folds, in the order of the list. */
export const findMain = (items: readonly Item[]): TaskItem[] =>
  items.filter(isTask).filter(({ section }) => !section.isFold);

/** Keys of tasks in the order of the list. */
export const inListOrder = (items: readonly Item[], ids: ReadonlySet<string>): string[] =>
  items.filter((item) => isTask(item) && ids.has(item.key)).map(({ key }) => key);

/**
 * The place one step up or down for tasks of a list in manual order. Undefined if they are at the end already.
 */
export function findStep(
  order: readonly string[],
  ids: readonly string[],
  step: 1 | -1,
): { before: string | null; after: string | null } | undefined {
  const moved = new Set(ids);
  const rest = order.filter((id) => !moved.has(id));
  const first = order.findIndex((id) => moved.has(id));
  const last = order.findLastIndex((id) => moved.has(id));
  // Tasks with others between them are first put together.
  const at = step === -1 ? first - 1 : last - ids.length + 2;
  if (at < 0 || at > rest.length) return undefined;
  return { before: rest[at - 1] ?? null, after: rest[at] ?? null };
}
