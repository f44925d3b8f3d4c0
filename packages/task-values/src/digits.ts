/** The digits of positions, in the order of their bytes. */
const digits = '0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz';

/** Returns a whole number in base 62, with leading zeros up to the length. */
export function toBase62(value: number | bigint, length: number): string {
  let text = '';
  for (let rest = BigInt(value); rest > 0n; rest /= 62n) text = digits[Number(rest % 62n)]! + text;
  return text.padStart(length, '0');
}

/** Returns the value of a digit from 0 to 61; 0 for a missing digit. */
export function toDigitValue(digit: string | undefined): number {
  return digit === undefined ? 0 : digits.indexOf(digit);
}

/** Returns random digits. The last one is not `0`, as `fractional-indexing` requires at the end of a fraction. */
export function createRandomDigits(length: number): string {
  const numbers = globalThis.crypto.getRandomValues(new Uint32Array(length));
  return Array.from(numbers, (number, at) =>
    at === length - 1 ? digits[1 + (number % 61)] : digits[number % 62],
  ).join('');
}
