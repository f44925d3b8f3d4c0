import { generateKeyBetween, generateNKeysBetween } from 'fractional-indexing';
import { createRandomDigits, toBase62, toDigitValue } from './digits.ts';

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

/**
 * As `createEndPosition`, for several tasks: the positions are ascending and evenly spaced, so that moves between them keep
 * positions short.
 *
 * @param count At most 10,000.
 */
export function createEndPositions(now: number, count: number): string[] {
  if (!(Number.isSafeInteger(count) && count >= 0 && count <= 10_000)) {
    throw new RangeError('The count must be a whole number from 0 to 10,000.');
  }
  const time = createEndPosition(now).slice(0, -4);
  const random = globalThis.crypto.getRandomValues(new Uint32Array(count));
  return Array.from(random, (number, at) => {
    // Only the first half of each interval is random, so that two positions are never equal.
    const value = Math.floor(((at + number / 2 ** 33) / count) * 62 ** 3 * 61);
    return time + toBase62(Math.floor(value / 61) * 62 + 1 + (value % 61), 4);
  });
}

/** Returns short positions for a whole list, in ascending order. All of them sort before each `createEndPosition`. */
export function createPositions(count: number): string[] {
  if (!(Number.isSafeInteger(count) && count >= 0)) throw new RangeError('The count must be a whole number from 0.');
  return generateNKeysBetween(null, null, count);
}

/** Fewest positions from which a new one is chosen at random. */
const choicesMin = 5_000n;

/**
 * Returns a short position between two neighbors; null is the start or the end of the list. It is random, so that equal
 * positions of two clients are improbable.
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
  if (before !== null && after !== null && before[0] === after[0]) return choosePosition(before, after);
  let key = generateKeyBetween(before, after);
  // Random digits can follow only if the upper neighbor does not begin with the key.
  while (after?.startsWith(key)) key = generateKeyBetween(key, after);
  const position = key + createRandomDigits(3);
  if (position.length > maxPositionLength) throw noPositionFits();
  return position;
}

function noPositionFits(): RangeError {
  return new RangeError('No position fits between these neighbors. Reorder the list first.');
}

/**
 * Chooses one of the shortest positions in the middle half between two neighbors. With the same first letter, their integers
 * have the same length, so that their digits are numbers in base 62 with the same scale.
 */
function choosePosition(before: string, after: string): string {
  const letter = before.charCodeAt(0);
  const integerLength = letter >= 97 ? letter - 96 : 91 - letter;
  let [lower, width] = [0n, 0n];
  for (let length = 1; length < maxPositionLength; length++) {
    const digit = toDigitValue(before[length]);
    lower = lower * 62n + BigInt(digit);
    width = width * 62n + BigInt(toDigitValue(after[length]) - digit);
    if (length < integerLength || width / 2n < choicesMin) continue;
    const [random] = globalThis.crypto.getRandomValues(new Uint32Array(1));
    const digits = toBase62(lower + width / 4n + ((width / 2n) * BigInt(random!)) / 2n ** 32n, length);
    // A fraction cannot end with 0.
    return before[0] + (length > integerLength ? digits.replace(/0$/, '1') : digits);
  }
  throw noPositionFits();
}
