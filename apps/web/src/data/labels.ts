import type { Task } from '@holdfast/client';
import { toLabelKey } from '@holdfast/task-values';
import { countCharacters } from './characters.ts';
import { remember } from './remember.ts';

/** Creates a test that is true for labels with this one, in any spelling. */
export function createLabelTest(name: string): (labels: readonly string[]) => boolean {
  const key = toLabelKey(name);
  return (labels) => labels.some((label) => toLabelKey(label) === key);
}

export const hasLabel = (labels: readonly string[], name: string): boolean => createLabelTest(name)(labels);

/** Most labels of a task. */
export const labelsMax = 20;

const charactersMax = 50;

/** True for a label that the server refuses. */
export const isLongLabel = (name: string) => countCharacters(name) > charactersMax;

export interface LabelUse {
  name: string;
  /** Number of open tasks. */
  open: number;
  completed: number;
}

/** Labels by name, each in the spelling that was found first. */
export const findLabels = remember((tasks: readonly Task[]): LabelUse[] => {
  const uses = new Map<string, LabelUse>();
  for (const { labels, completed } of tasks) {
    for (const name of labels) {
      const key = toLabelKey(name);
      const use = uses.get(key) ?? { name, open: 0, completed: 0 };
      if (completed) use.completed += 1;
      else use.open += 1;
      uses.set(key, use);
    }
  }
  return [...uses.values()].toSorted((one, other) => one.name.localeCompare(other.name));
});

/** Tasks with a label, in any spelling. */
export function findLabeled(tasks: readonly Task[], label: string): Task[] {
  const isLabeled = createLabelTest(label);
  return tasks.filter(({ labels }) => isLabeled(labels));
}
