import type { QuickAdd } from '../src/index.ts';

/** One line for an interpretation, such as `Pay rent · due Sun 29 Nov 2026 09:00 · #home · priority medium`. */
export function toLine({ title, due, labels, list, priority }: QuickAdd): string {
  const day = due && new Date(`${due.date}T00:00Z`).toUTCString().slice(0, 16).replace(',', '').replace(/ 0/, ' ');
  return [
    title,
    due && `due ${[day, due.time].filter(Boolean).join(' ')}`,
    ...labels.map((label) => `#${label}`),
    list !== null && (/^\S+$/.test(list) ? `@${list}` : `@"${list}"`),
    priority > 0 && `priority ${['low', 'medium', 'high'][priority - 1]}`,
  ]
    .filter(Boolean)
    .join(' · ');
}
