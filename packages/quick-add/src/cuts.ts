import type { Range } from './types.ts';

/** A range that is cut out of a text. `glue` replaces it. */
export interface Cut extends Range {
  glue: string;
}

const inOrder = (one: Range, other: Range) => one.start - other.start;

/** Returns the cuts that remove words and their spaces. One space remains between words, and no space before punctuation. */
export function toCuts(text: string, words: readonly Range[]): Cut[] {
  const ranges: Range[] = [];
  for (const { start, end } of words.toSorted(inOrder)) {
    const left = text.slice(0, start).trimEnd().length;
    const right = text.length - text.slice(end).trimStart().length;
    const last = ranges.at(-1);
    if (last && left <= last.end) last.end = right;
    else ranges.push({ start: left, end: right });
  }
  return ranges.map(({ start, end }) => {
    const punctuation = /^[,.;:!?]+(?=\s|$)\s*/.exec(text.slice(end))?.[0] ?? '';
    // After a space, punctuation is a word.
    const isAdjacent = punctuation !== '' && !/\s/.test(text.charAt(end - 1));
    if (start === 0) return { start, end: isAdjacent ? end + punctuation.length : end, glue: '' };
    return { start, end, glue: isAdjacent || end === text.length ? '' : ' ' };
  });
}

/** Applies cuts, which do not overlap. */
export function cut(text: string, cuts: readonly Cut[]): string {
  let rest = '';
  let from = 0;
  for (const { start, end, glue } of cuts.toSorted(inOrder)) {
    rest += text.slice(from, start) + glue;
    from = end;
  }
  return rest + text.slice(from);
}

/** Returns the ranges of a text of which a range of the cut text consists, without spaces at their ends. */
export function toOriginal(text: string, cuts: readonly Cut[], { start, end }: Range): Range[] {
  const ranges: Range[] = [];
  let from = 0;
  let length = 0;
  for (const next of [...cuts.toSorted(inOrder), { start: text.length, end: text.length, glue: '' }]) {
    const moved = from - length;
    const range = trim(text, { start: Math.max(start + moved, from), end: Math.min(end + moved, next.start) });
    if (range.start < range.end) ranges.push(range);
    length += next.start - from + next.glue.length;
    from = next.end;
  }
  return ranges;
}

function trim(text: string, { start, end }: Range): Range {
  if (start >= end) return { start, end };
  const part = text.slice(start, end);
  return { start: end - part.trimStart().length, end: start + part.trimEnd().length };
}
