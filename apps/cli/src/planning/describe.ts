import type { Priority, QuickAdd } from '@holdfast/quick-add';
import { toPlain } from '../terminal/plain.ts';
import { describeDue } from './due-text.ts';

export const priorityNames = ['none', 'low', 'medium', 'high'] as const;
export type PriorityName = (typeof priorityNames)[number];

export const toPriority = (name: PriorityName) => priorityNames.indexOf(name) as Priority;

/** One line, such as `Pay rent · due Sun 29 Nov 2026 09:00 · #home · priority medium`. It is safe for a terminal. */
export function describeInterpretation({ title, due, labels, list, priority }: Omit<QuickAdd, 'parts'>): string {
  const texts = [
    title,
    due && `due ${describeDue(due)}`,
    ...labels.map((label) => `#${label}`),
    list !== null && (/^\S+$/.test(list) ? `@${list}` : `@"${list}"`),
    priority > 0 && `priority ${priorityNames[priority]}`,
  ];
  return texts
    .filter((text) => typeof text === 'string')
    .map((text) => toPlain(text))
    .join(' · ');
}
