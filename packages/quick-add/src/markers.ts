import type { Priority, Range } from './types.ts';

export interface Marker extends Range {
  kind: 'label' | 'list' | 'priority';
  value: string;
  /** End of the range that is cut out: a comma after the marker belongs to it. */
  cutEnd: number;
}

export interface Scanned {
  markers: Marker[];
  /** Backslashes that protect a marker. */
  escapes: Range[];
  /** The text in which literal characters are replaced, so that they are not read as dates. It has the same length. */
  masked: string;
}

const mask = '\uFFFC';
const word = String.raw`[\p{L}\p{M}\p{N}\p{Join_Control}_-]`;
/** Each alternative starts at the start of a word. The order matters. */
const tokens = new RegExp(
  [
    String.raw`(?<escape>\\)(?=[#@!"“])\S+`,
    String.raw`(?<quoted>"[^"]*"|“[^”]*”)(?=[\s.,;:!?)]|$)`,
    String.raw`#(?<label>(?=${word}*\p{L})${word}+)(?<afterLabel>[,;]?)(?=\s|$)`,
    String.raw`@(?:"(?<longList>[^"]+)"|(?<list>\p{L}${word}*))(?<afterList>[,;]?)(?=\s|$)`,
    String.raw`(?<priority>!{1,3})(?=\s|$)`,
    String.raw`(?<other>\S+)`,
  ].join('|'),
  'gu',
);

/** Finds labels (`#home`), lists (`@work`, `@"Two words"`) and priorities (`!` to `!!!`), and protected text. */
export function scan(text: string, literal: readonly Range[]): Scanned {
  const markers: Marker[] = [];
  const escapes: Range[] = [];
  let masked = literal.reduce(maskRange, text);
  for (const match of text.matchAll(tokens)) {
    const range = { start: match.index, end: match.index + match[0].length };
    if (literal.some(({ start, end }) => start < range.end && range.start < end)) continue;
    const { escape, quoted } = match.groups!;
    const marker = toMarker(match.groups!, range);
    if (marker) markers.push(marker);
    if (escape !== undefined) escapes.push({ start: range.start, end: range.start + 1 });
    if (escape !== undefined || quoted !== undefined) masked = maskRange(masked, range);
  }
  return { markers, escapes, masked };
}

function toMarker(groups: Record<string, string | undefined>, { start, end }: Range): Marker | undefined {
  const { label, longList, priority, afterLabel, afterList } = groups;
  const list = longList?.trim() ?? groups['list'];
  const range = { start, end: end - (afterLabel ?? afterList ?? '').length, cutEnd: end };
  if (label) return { kind: 'label', value: label, ...range };
  if (list) return { kind: 'list', value: list, ...range };
  return priority ? { kind: 'priority', value: priority, ...range } : undefined;
}

function maskRange(text: string, { start, end }: Range): string {
  const from = Math.max(0, start);
  return text.slice(0, from) + text.slice(from, end).replaceAll(/\S/g, mask) + text.slice(Math.max(from, end));
}

export const toPriority = (marker: Marker | undefined) => (marker?.value.length ?? 0) as Priority;
