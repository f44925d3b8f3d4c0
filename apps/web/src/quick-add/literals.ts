import type { Range } from '@holdfast/quick-add';

/** Returns the ranges of a text after an edit. A range is dropped if the edit changed its text or made its word longer. */
export function moveRanges(ranges: readonly Range[], before: string, after: string): Range[] {
  const shorter = Math.min(before.length, after.length);
  let start = 0;
  while (start < shorter && before[start] === after[start]) start += 1;
  let same = 0;
  while (same < shorter - start && before.at(-1 - same) === after.at(-1 - same)) same += 1;
  const end = before.length - same;
  const change = after.length - before.length;
  return ranges.flatMap((range) => {
    if (start < range.end && range.start < end) return [];
    if (start > range.start && start < range.end) return [];
    const shift = range.start >= end ? change : 0;
    const moved = { start: range.start + shift, end: range.end + shift };
    const isKept = isSameOrSpace(before[range.start - 1], after[moved.start - 1]);
    return isKept && isSameOrSpace(before[range.end], after[moved.end]) ? [moved] : [];
  });
}

const isSameOrSpace = (before: string | undefined, after: string | undefined) =>
  after === undefined || after === before || /\s/.test(after);
