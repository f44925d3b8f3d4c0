import { findDates, type FoundDate } from './find-dates.ts';
import { type Due, type Present, toToday } from './local-time.ts';
import { cut, type Marker, scan, toCuts } from './markers.ts';

export type Priority = 0 | 1 | 2 | 3;

/** What `tasks add` understands of one line. */
export interface QuickAdd {
  title: string;
  due: Due | null;
  /** Without duplicates that differ only in case. */
  labels: string[];
  /** Name of a list. */
  list: string | null;
  priority: Priority;
  /** The texts that are not in the title. */
  parts: { kind: 'due' | Marker['kind']; text: string }[];
}

/** Longer texts are titles only. The server refuses titles of more than 500 characters. */
const lengthMax = 1000;

/**
 * Splits a line such as `Pay rent tomorrow 9am #home @money !!` into title, due date, labels, list and priority.
 *
 * A backslash before `#`, `@`, `!` or `"`, or quotes around words, keep them in the title. Of several lists or
 * priorities, the last counts; of several dates, the one at the end, else the first. The others remain in the title. If
 * no title would remain, the whole text is the title.
 */
export function parseQuickAdd(text: string, present: Present): QuickAdd {
  const whole: QuickAdd = { title: text.trim(), due: null, labels: [], list: null, priority: 0, parts: [] };
  if (text.length > lengthMax) return whole;
  const { markers, escapes, masked } = scan(text);
  const labels = markers.filter(({ kind }) => kind === 'label');
  const list = markers.findLast(({ kind }) => kind === 'list');
  const priority = markers.findLast(({ kind }) => kind === 'priority');
  const chosen = markers.filter((marker) => marker.kind === 'label' || marker === list || marker === priority);
  const cuts = [...toCuts(masked, chosen), ...escapes];
  const [rest, maskedRest] = [cut(text, cuts), cut(masked, cuts)];
  const found = findDue(maskedRest, present);
  const title = cut(rest, found ? toCuts(maskedRest, [found]) : []).trim();
  if (title === '') return whole;
  return {
    title,
    due: found?.due ?? null,
    labels: [...new Map(labels.toReversed().map(({ value }) => [value.toLowerCase(), value])).values()].toReversed(),
    list: list?.value ?? null,
    priority: (priority?.value.length ?? 0) as Priority,
    parts: [
      ...chosen.map(({ kind, text }) => ({ kind, text })),
      ...(found ? [{ kind: 'due' as const, text: rest.slice(found.start, found.end) }] : []),
    ],
  };
}

const before = /(?:^|\s)(?:(?:due\s+)?(?:by|on|at)\s+(?:the\s+)?|due\s+|the\s+)$/i;
/** Words after which a date says something else than when a task is due. */
const otherUse =
  /(?:^|\s)(?:every|each|last|past|since|from|until|till|after|before|for|about|not|no|of|a|an|black|good|cyber)\s+$/i;
const end = /^[,.;:!?]*\s*$/;
const boundary = /^[,.;:!?]*(?:\s|$)/;

/** Chooses a date in the text that is clearly meant as a due date. Past dates are not. */
function findDue(text: string, present: Present): FoundDate | undefined {
  const today = toToday(present);
  const dates = findDates(text, present).flatMap((found) => {
    const [left, right] = [text.slice(0, found.start), text.slice(found.end)];
    if (/\S$/.test(left) || !boundary.test(right) || otherUse.test(left)) return [];
    if (found.due.date < today) return [];
    const preposition = before.exec(left)?.[0].trimStart() ?? '';
    const isAfterThe = /\bthe\s+$/i.test(preposition);
    // `the 5th of May` is a date, but not `the Friday party`.
    if (isAfterThe && !/^\d/.test(found.text)) return [];
    const isExplicit = preposition !== '' && !isAfterThe;
    const isAtEnd = end.test(right);
    if (!isExplicit && (found.isAmbiguous || (found.isWeak && !isAtEnd))) return [];
    return [{ ...found, start: found.start - preposition.length, isAtEnd }];
  });
  return dates.find(({ isAtEnd }) => isAtEnd) ?? dates[0];
}
