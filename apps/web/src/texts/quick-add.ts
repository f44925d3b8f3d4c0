import { countTasks } from './common.ts';
import { formatNumber } from './formats.ts';

/** Texts around the field that adds tasks. Those of the field itself are in `layout.ts`. */
export const quickAddTexts = {
  understood: 'Understood',
  remove: ', remove',
  suggestedLabels: 'Labels',
  suggestedLists: 'Lists',
  createList: (name: string) => `Create list “${name}”`,
  /** What screen readers hear. */
  chip: {
    due: (text: string) => `Date: ${text}`,
    label: (text: string) => `Label: ${text}`,
    list: (text: string) => `List: ${text}`,
    newList: (text: string) => `New list: ${text}`,
    unknownList: (text: string) => `Unknown list: ${text}`,
    priority: (text: string) => text,
  },
  unknownList: (name: string) => `You have no list “${name}”. Create it, or remove it from the task.`,
  titleLong: (length: number) => `The title has ${length} characters. Shorten it to 500.`,
  labelsMany: (count: number) => `The task has ${count} labels. Remove ${count - 20}.`,
  labelLong: (name: string) => `The label “${name.slice(0, 20)}…” is too long. Use at most 50 characters.`,
  listLong: (name: string) => `The list “${name.slice(0, 20)}…” is too long. Use at most 200 characters.`,
  addMany: (count: number) => `Add ${countTasks(count)}?`,
  addAll: (count: number) => `Add ${countTasks(count)}`,
  addAsOne: 'Write as one line',
  more: (count: number) => `and ${countTasks(count)} more`,
  tooMany: (count: number) => `You pasted ${formatNumber(count)} tasks. Paste at most 500 at once.`,
  inLine: (line: number, problem: string) => `Line ${line}: ${problem}`,
};
