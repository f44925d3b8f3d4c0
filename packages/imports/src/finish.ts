import { toLabelKey } from '@holdfast/task-values';
import { v5 } from 'uuid';
import type { Draft, ImportOptions, ListRecord, Problem, TaskRecord } from './types.ts';

/** Limits of the server, in Unicode code points. */
const limits = { title: 500, description: 10_000, list: 200, label: 50, labels: 20 } as const;

/** The drafts of one file. */
export interface FileDrafts {
  file: string;
  drafts: readonly Draft[];
}

export interface Records {
  lists: ListRecord[];
  tasks: TaskRecord[];
}

/**
 * Gives lists and tasks their IDs, and makes their values fit the limits. The ID of a task is a UUIDv5 of the user and of its ID in the
 * other app. If it has no ID there, it is a UUIDv5 of the user, the list, the titles of its parents, its title, and the number of such
 * tasks before it. So a second import, also of a later export with more tasks, finds the tasks of the first one.
 */
export function toRecords(
  files: readonly FileDrafts[],
  { userId, lists }: Pick<ImportOptions, 'userId' | 'lists'>,
  problems: Problem[],
): Records {
  const toId = (...key: unknown[]) => v5(JSON.stringify(key), userId);
  const known = new Map(lists.map(({ id, name }) => [toLabelKey(name), id]));
  const created: ListRecord[] = [];
  const counts = new Map<string, number>();

  function toListId(given: string | null, report: (text: string) => void): string | null {
    if (given === null) return null;
    const name = shorten(toLine(given), limits.list);
    if (name === '') return null;
    if (name !== toLine(given)) report('The name of the list is too long. It is shortened.');
    const key = toLabelKey(name);
    const found = known.get(key);
    if (found !== undefined) return found;
    const id = toId('list', key);
    known.set(key, id);
    created.push({ id, name });
    return id;
  }

  const tasks = files.flatMap(({ file, drafts }) =>
    drafts.flatMap((draft) => {
      const report = (text: string) => void problems.push({ file, at: draft.at, text });
      const title = toLine(draft.title);
      if (title === '') {
        report('The title is empty. The task is not imported.');
        return [];
      }
      const key = toKey(draft, title);
      const count = (counts.get(JSON.stringify(key)) ?? 0) + 1;
      counts.set(JSON.stringify(key), count);
      const shortTitle = shorten(title, limits.title);
      if (shortTitle !== title) report('The title is too long. The description contains all of it.');
      return [
        {
          id: toId(...key, count),
          title: shortTitle,
          description: toDescription(draft, shortTitle === title ? [] : [title], report),
          listId: toListId(draft.list, report),
          due: draft.due ?? null,
          priority: draft.priority ?? 0,
          labels: toLabels(draft.labels ?? [], report),
          completed: draft.completed ?? false,
          ...toTimes(draft),
        },
      ];
    }),
  );
  return { lists: created, tasks };
}

function toKey({ list, parents = [], foreignId }: Draft, title: string): unknown[] {
  if (foreignId !== undefined) return ['foreign task', foreignId];
  return ['task', list === null ? null : toLabelKey(toLine(list)), ...parents.map(toLine), title];
}

const countOf = (text: string) => Array.from(text).length;

function shorten(text: string, max: number): string {
  return countOf(text) <= max
    ? text
    : `${Array.from(text)
        .slice(0, max - 1)
        .join('')
        .trimEnd()}…`;
}

/** NUL and half characters cannot be stored. */
const toStorable = (text: string) => text.replaceAll('\0', '').toWellFormed();

const toLine = (text: string) => toStorable(text).replaceAll(/\s+/g, ' ').trim();

function toDescription(
  { description = '', facts = [] }: Draft,
  before: readonly string[],
  report: (text: string) => void,
): string | null {
  const parts = [...before, description.trim(), facts.join('\n')];
  const text = toStorable(parts.filter((part) => part !== '').join('\n\n')).replaceAll(/\r\n?/g, '\n');
  if (text === '') return null;
  const short = shorten(text, limits.description);
  if (short !== text) report('The description is too long. Its end is not imported.');
  return short;
}

function toLabels(given: readonly string[], report: (text: string) => void): string[] {
  const labels = new Map<string, string>();
  for (const label of given.map(toLine).filter((text) => text !== '')) {
    if (countOf(label) > limits.label) report('A label has more than 50 characters. It is not imported.');
    else if (labels.has(toLabelKey(label))) continue;
    else if (labels.size === limits.labels) report('The task has more than 20 labels. The others are not imported.');
    else labels.set(toLabelKey(label), label);
  }
  return [...labels.values()];
}

/** No time may be before that of the creation. */
function toTimes({ createdAt, completedAt }: Draft): Pick<TaskRecord, 'createdAt' | 'completedAt'> {
  const created =
    createdAt !== undefined && completedAt !== undefined && completedAt < createdAt ? completedAt : createdAt;
  return {
    ...(created !== undefined && { createdAt: created }),
    ...(completedAt !== undefined && { completedAt }),
  };
}
