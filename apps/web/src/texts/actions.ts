import { countTasks } from './common.ts';
import { nameFields } from './fields.ts';
import { formatDay } from './formats.ts';

type Tasks = readonly { title: string }[];

const listOf = (labels: readonly string[]) => labels.map((label) => `#${label}`).join(', ');

const charactersMax = 40;

export function quote(title: string): string {
  const characters = Array.from(title);
  return characters.length > charactersMax ? `“${characters.slice(0, charactersMax - 1).join('')}…”` : `“${title}”`;
}

/** The title of a task, or the number of tasks. */
const name = (tasks: Tasks) => (tasks.length === 1 ? quote(tasks[0]!.title) : countTasks(tasks.length));

/** What has happened. */
export const actionTexts = {
  added: (tasks: Tasks) => `Added ${name(tasks)}`,
  completed: (tasks: Tasks) => `Completed ${name(tasks)}`,
  reopened: (tasks: Tasks) => `Marked ${name(tasks)} as not completed`,
  changed: (fields: readonly string[], tasks: Tasks) => `Changed ${nameFields(fields)} of ${name(tasks)}`,
  moved: (tasks: Tasks) => `Moved ${name(tasks)}`,
  movedToDay: (tasks: Tasks, date: string) => `Moved ${name(tasks)} to ${formatDay(date)}`,
  deleted: (tasks: Tasks) => `Moved ${name(tasks)} to the trash`,
  restored: (tasks: Tasks) => `Restored ${name(tasks)}`,
  labelsAdded: (labels: readonly string[], tasks: Tasks) => `Added ${listOf(labels)} to ${name(tasks)}`,
  labelsRemoved: (labels: readonly string[], tasks: Tasks) => `Removed ${listOf(labels)} from ${name(tasks)}`,
  labelRenamed: (from: string, to: string) => `#${from} renamed to #${to}`,
  listAdded: (name: string) => `List “${name}” added`,
  listChanged: (name: string) => `List “${name}” changed`,
  listArchived: (name: string) => `List “${name}” archived`,
  listUnarchived: (name: string) => `List “${name}” is in use again`,
  listMoved: (name: string) => `List “${name}” moved`,
  listGone: 'This list is gone. It was removed in another window or device.',
  listDeleted: (name: string) => `List “${name}” moved to the trash`,
};
