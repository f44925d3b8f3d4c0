/** A text in three parts: the middle differs from that of the other text. */
export type Compared = readonly [before: string, middle: string, after: string];

const toWords = (text: string) => text.match(/\s+|[^\s]+/g) ?? [];

/** Splits two texts where they begin and end to differ, at whole words. */
export function compareTexts(one: string, other: string): [Compared, Compared] {
  const [ones, others] = [toWords(one), toWords(other)];
  const shortest = Math.min(ones.length, others.length);
  let start = 0;
  while (start < shortest && ones[start] === others[start]) start += 1;
  let end = 0;
  while (end < shortest - start && ones.at(-1 - end) === others.at(-1 - end)) end += 1;
  const split = (words: string[]): Compared => [
    words.slice(0, start).join(''),
    words.slice(start, words.length - end).join(''),
    words.slice(words.length - end).join(''),
  ];
  return [split(ones), split(others)];
}
