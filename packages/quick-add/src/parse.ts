import { toLabelKey } from '@holdfast/task-values';
import { chooseDue } from './choose-due.ts';
import { cut, toCuts, toOriginal } from './cuts.ts';
import { type Marker, scan, toPriority } from './markers.ts';
import type { Part, Present, QuickAdd, QuickAddOptions, Range } from './types.ts';

/** Longer texts are titles only. The server refuses titles of more than 500 characters. */
const lengthMax = 1000;

/**
 * Splits a line such as `Pay rent tomorrow 9am #home @money !!` into title, due date, labels, list and priority.
 *
 * After a backslash, a marker such as `#` or `@` remains in the title, and so do words in quotes. The last list and the last
 * priority count. Of several dates, the one at the end counts, else the first. All others remain in the title. If no title
 * would remain, the whole text is the title.
 */
export function parseQuickAdd(
  text: string,
  present: Present,
  { findDates, literal = [] }: QuickAddOptions = {},
): QuickAdd {
  const whole: QuickAdd = { title: text.trim(), due: null, labels: [], list: null, priority: 0, parts: [] };
  if (text.length > lengthMax) return whole;
  const { markers, escapes, masked } = scan(text, literal);
  const list = markers.findLast(({ kind }) => kind === 'list');
  const priority = markers.findLast(({ kind }) => kind === 'priority');
  const chosen = markers.filter((marker) => marker.kind === 'label' || marker === list || marker === priority);
  const cuts = [
    ...toCuts(
      masked,
      chosen.map(({ start, cutEnd }) => ({ start, end: cutEnd })),
    ),
    ...escapes.map(({ start, end }) => ({ start, end, glue: '' })),
  ];
  const maskedRest = cut(masked, cuts);
  const found = findDates && chooseDue(maskedRest, findDates(maskedRest, present), present);
  const title = cut(cut(text, cuts), found ? toCuts(maskedRest, found.ranges) : []).trim();
  if (title === '') return whole;
  const toPart = (kind: Part['kind'], { start, end }: Range) => ({ kind, text: text.slice(start, end), start, end });
  const parts = [
    ...chosen.map((marker) => toPart(marker.kind, marker)),
    ...(found?.ranges ?? []).flatMap((range) => toOriginal(text, cuts, range)).map((range) => toPart('due', range)),
  ];
  return {
    title,
    due: found?.due ?? null,
    labels: toLabels(markers),
    list: list?.value ?? null,
    priority: toPriority(priority),
    parts: parts.toSorted((one, other) => one.start - other.start),
  };
}

/** Of labels that differ only in case, the first is returned. */
function toLabels(markers: Marker[]): string[] {
  const labels = new Map<string, string>();
  for (const { kind, value } of markers) {
    const key = toLabelKey(value);
    if (kind === 'label' && !labels.has(key)) labels.set(key, value);
  }
  return [...labels.values()];
}
