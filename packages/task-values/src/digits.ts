/** The digits of positions, in the order of their bytes. */
const digits = '0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz';

/** Returns a whole number in base 62, with leading zeros up to the length. */
export function toBase62(value: number, length: number): string {
  let text = '';
  for (let rest = value; rest > 0; rest = Math.floor(rest / 62)) text = digits[rest % 62]! + text;
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

/** Returns random digits. The last one is not `0`, as `fractional-indexing` requires at the end of a fraction. */
export function createRandomDigits(length: number): string {
  let text = '';
  while (text.length < length - 1) text += digits[createRandomNumber() % 62];
  return text + digits[1 + (createRandomNumber() % 61)];
}
