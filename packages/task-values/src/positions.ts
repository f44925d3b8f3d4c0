import { generateKeyBetween, generateNKeysBetween } from 'fractional-indexing';
import { createRandomDigits, toBase62 } from './digits.ts';

/** Greatest length of a position in characters. */
export const maxPositionLength = 200;

/** Returns whether a text is a position: 1–200 digits of base 62 that are a valid key of `fractional-indexing`. */
export function isPosition(text: string): boolean {
  if (text.length > maxPositionLength || !/^[0-9A-Za-z]+$/.test(text)) return false;
  try {
    generateKeyBetween(text, null);
    return true;
  } catch {
    return false;
  }
}

/**
 * Returns a position at the end of any list, without a look at the list: the time as an integer of `fractional-indexing`, then
 * four random digits. A position of a later millisecond sorts later. It has 12 characters until the year 2081, then 13.
 *
 * @param now Milliseconds since 1970.
 */
export function createEndPosition(now: number): string {
  if (!(now >= 0 && now <= Number.MAX_SAFE_INTEGER)) throw new RangeError('The time must be milliseconds since 1970.');
  const time = toBase62(Math.floor(now), 7);
  // The first letter is the number of digits of the integer: g for 7, h for 8.
  return String.fromCodePoint(96 + time.length) + time + createRandomDigits(4);
}

/** The most positions of one call of `createEndPositions`: two digits, the last not `0`. */
const endPositionsMax = 62 * 61;

/** As `createEndPosition`, for several tasks: the positions are in ascending order. They have two more characters. */
export function createEndPositions(now: number, count: number): string[] {
  if (!(Number.isSafeInteger(count) && count >= 0 && count <= endPositionsMax)) {
    throw new RangeError(`The count must be a whole number from 0 to ${endPositionsMax}.`);
  }
  const first = createEndPosition(now);
  return Array.from({ length: count }, (_, at) => first + toBase62(Math.floor(at / 61) * 62 + 1 + (at % 61), 2));
}

/** Returns short positions for a whole list, in ascending order. All of them sort before each `createEndPosition`. */
export function createPositions(count: number): string[] {
  if (!(Number.isSafeInteger(count) && count >= 0)) throw new RangeError('The count must be a whole number from 0.');
  return generateNKeysBetween(null, null, count);
}

/**
 * Returns a position between two neighbors; null is the start or the end of the list. Three random digits make equal positions
 * of two clients improbable.
 *
 * @throws RangeError if a neighbor is not a position, if they are equal or in the wrong order, or if no position of at most 200
 *   characters fits between them. In the last case, the list needs new positions.
 */
export function createPositionBetween(before: string | null, after: string | null): string {
  for (const neighbor of [before, after]) {
    if (neighbor !== null && !isPosition(neighbor)) throw new RangeError('A neighbor has an invalid position.');
  }
  if (before !== null && after !== null) {
    if (before === after) throw new RangeError('Both neighbors have the same position. Reorder the list first.');
    if (before > after) throw new RangeError('The neighbors are in the wrong order. Pass the earlier one first.');
  }
  let key = generateKeyBetween(before, after);
  // Random digits can follow only if the upper neighbor does not begin with the key.
  while (after?.startsWith(key)) key = generateKeyBetween(key, after);
  const position = key + createRandomDigits(3);
  if (position.length > maxPositionLength) {
    throw new RangeError('No position fits between these neighbors. Reorder the list first.');
  }
  return position;
}
