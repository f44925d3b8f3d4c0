/** A text in three parts: the middle differs from the other text. */
export type Compared = readonly [before: string, middle: string, after: string];

const toWords = (text: string) => text.match(/\s+|\S+/g) ?? [];

/** Finds the first and the last word of a text that another text does not have at the same place. */
export function compareTexts(text: string, other: string): Compared {
  const [words, others] = [toWords(text), toWords(other)];
  const shortest = Math.min(words.length, others.length);
  let start = 0;
  while (start < shortest && words[start] === others[start]) start += 1;
  let end = 0;
  while (end < shortest - start && words.at(-1 - end) === others.at(-1 - end)) end += 1;
  const parts = [words.slice(0, start), words.slice(start, words.length - end), words.slice(words.length - end)];
  return parts.map((part) => part.join('')) as unknown as Compared;
}
