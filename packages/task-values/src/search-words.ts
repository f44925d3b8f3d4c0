import { fold } from './fold.ts';

/**
 * Returns the folded words of a query, the longest first. A text matches if its folded form contains each word. A word that is
 * part of another word is omitted, because it excludes nothing. The number of words has no limit here; limit the query's length.
 */
export function toSearchWords(query: string): string[] {
  const words: string[] = [];
  let joined = '';
  for (const word of fold(query)
    .split(' ')
    .sort((one, other) => other.length - one.length)) {
    if (joined.includes(word)) continue;
    words.push(word);
    joined += ` ${word}`;
  }
  return words;
}
