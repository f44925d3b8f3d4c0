const toDigit = (value: number) => String.fromCodePoint(value + (value < 10 ? 48 : value < 36 ? 55 : 61));

const toBase62 = (value: number, length: number): string =>
  length > 0 ? toBase62(Math.floor(value / 62), length - 1) + toDigit(value % 62) : '';

/**
 * A position at the end of a list, as the server makes them: the time with seven digits, then four random digits, of which the
 * last one is not 0. `share` is the place of a task among several that are created together, from 0 to 1.
 */
export function createEndPosition(now: number, share = Math.random()): string {
  const random = Math.floor(share * 62 ** 3);
  return `g${toBase62(now, 7)}${toBase62(random, 3)}${toDigit(1 + Math.floor(Math.random() * 61))}`;
}
