import type { Task } from '@holdfast/client';
import { remember } from './remember.ts';

/** Equal for two spellings of the same label. */
export const toLabelKey = (name: string) => name.normalize('NFC').toLowerCase();

export function hasLabel(labels: readonly string[], name: string): boolean {
  const key = toLabelKey(name);
  return labels.some((label) => toLabelKey(label) === key);
}

const charactersMax = 50;

/** True for a label that the server refuses. */
export const isLongLabel = (name: string) => Array.from(name).length > charactersMax;

export interface LabelUse {
  name: string;
  /** Number of open tasks. */
  open: number;
  completed: number;
}

/** Labels by name, each in the spelling that was found first. */
export const countLabels = remember((tasks: readonly Task[]): LabelUse[] => {
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
