import * as fc from 'fast-check';

const nastyTexts = [
  '',
  ' ',
  '\0',
  '\ud800',
  '\u0085',
  '%',
  '%00',
  '%ff',
  "'; --",
  '"',
  '__proto__',
  'constructor',
  '../../etc/passwd',
  'x'.repeat(501),
  '😀'.repeat(300),
  '\u202e',
  'ada@example.org',
  'https://evil.example',
  'javascript:alert(1)',
  '1e400',
  '2026-11-28T00:00:00Z',
];

export const text = fc.oneof(
  fc.constantFrom(...nastyTexts),
  fc.string({ unit: 'binary', maxLength: 30 }),
  fc.string({ unit: 'grapheme', maxLength: 30 }),
);

export const value = fc.oneof(
  { weight: 3, arbitrary: text },
  fc.constantFrom(null, true, false, 0, -1, 1.5, 2 ** 31, 2 ** 53, -(2 ** 63), 1e308, [], {}, [[[]]]),
  fc.integer(),
  fc.jsonValue({ maxDepth: 3 }),
);

/** Mostly the first, so that a request usually has only a few odd parts. */
export const rarely = <Usual, Odd>(usual: fc.Arbitrary<Usual>, odd: fc.Arbitrary<Odd>) =>
  fc.oneof({ weight: 10, arbitrary: usual }, { weight: 1, arbitrary: odd });

const printable = fc.integer({ min: 0x20, max: 0xff }).filter((code) => code !== 0x7f);
const control = fc.integer({ min: 0, max: 0x7f }).filter((code) => code !== 10 && code !== 13);

/** Bytes of a header. Control characters are refused by Node, so they are rare. */
export const headerText = rarely(toByteText(printable), toByteText(control));

function toByteText(codes: fc.Arbitrary<number>): fc.Arbitrary<string> {
  return fc.string({ unit: codes.map((code) => String.fromCharCode(code)), maxLength: 30 });
}

export const encodeTarget = (input: string) => encodeURIComponent(input.toWellFormed());
