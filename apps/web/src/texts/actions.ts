import { countTasks } from './common.ts';

const listOf = (labels: readonly string[]) => labels.map((label) => `#${label}`).join(', ');

/** What has happened. */
export const actionTexts = {
  added: (count: number) => `${countTasks(count)} added`,
  completed: (count: number) => `${countTasks(count)} completed`,
  reopened: (count: number) => `${countTasks(count)} marked as not completed`,
  changed: (count: number) => `${countTasks(count)} changed`,
  moved: (count: number) => `${countTasks(count)} moved`,
  deleted: (count: number) => `${countTasks(count)} moved to the trash`,
  restored: (count: number) => `${countTasks(count)} restored`,
  labelsAdded: (labels: readonly string[]) => `${listOf(labels)} added`,
  labelsRemoved: (labels: readonly string[]) => `${listOf(labels)} removed`,
  labelRenamed: (from: string, to: string) => `#${from} renamed to #${to}`,
  listAdded: (name: string) => `List “${name}” added`,
  listChanged: (name: string) => `List “${name}” changed`,
  listArchived: (name: string) => `List “${name}” archived`,
  listUnarchived: (name: string) => `List “${name}” is in use again`,
  listMoved: (name: string) => `List “${name}” moved`,
  listDeleted: (name: string) => `List “${name}” moved to the trash`,
};
