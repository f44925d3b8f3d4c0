/** The digits of positions, in the order of their bytes. */
const digits = '0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz';

/** Returns a whole number in base 62, with leading zeros up to the length. */
export function toBase62(value: number | bigint, length: number): string {
  let text = '';
  for (let rest = BigInt(value); rest > 0n; rest /= 62n) text = digits[Number(rest % 62n)]! + text;
  return text.padStart(length, '0');
}

/** Random numbers in store: one request for many of them is much cheaper than many requests. */
const numbers = new Uint32Array(256);
let used = numbers.length;

function createRandomNumber(): number {
  if (used === numbers.length) {
    globalThis.crypto.getRandomValues(numbers);
    used = 0;
  }
  return numbers[used++]!;
}

/** Returns the value of a digit from 0 to 61; 0 for a missing digit. */
export function toDigitValue(digit: string | undefined): number {
  return digit === undefined ? 0 : digits.indexOf(digit);
}

/** Returns random digits. The last one is not `0`, as `fractional-indexing` requires at the end of a fraction. */
export function createRandomDigits(length: number): string {
  let text = '';
  while (text.length < length - 1) text += digits[createRandomNumber() % 62];
  return text + digits[1 + (createRandomNumber() % 61)];
}
