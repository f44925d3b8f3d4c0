import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { fold, foldStart, foldVersion, toSearchWords } from '../src/index.ts';

const text = fc.oneof(
  fc.string({ unit: 'grapheme' }),
  fc.string({ unit: 'binary' }),
  fc.string({ unit: 'grapheme-composite' }),
);

test.each([
  ['Crème BRÛLÉE', 'creme brulee'],
  ['Straße STRASSE STRAẞE', 'strasse strasse strasse'],
  ['İstanbul ISPARTA ırmak', 'istanbul isparta irmak'],
  ['Łódź Đurđevac Ærø Œuvre Þór Ðað', 'lodz durdevac aero oeuvre thor dad'],
  ['ΟΔΟΣ οδός', 'οδοσ οδοσ'],
  ['Ёлка', 'елка'],
  ['한국어', '한국어'],
  ['Ｆｕｌｌ ① ﬁn', 'full 1 fin'],
  ['買い物リスト', '買い物リスト'],
  ['don’t “quote” 5–6', `don't "quote" 5-6`],
  ['soft\u00ADhyphen ❤️', 'softhyphen ❤'],
  ['\uD801\u200B\uDC00', '\uFFFD\uFFFD'],
  ['\t two \r\n\u0085\u2028\u3000 lines \v', 'two lines'],
])('%j is folded to %j', (given, expected) => expect(fold(given)).toBe(expected));

test('a change of the folded form of these letters needs a new version', () => {
  let hash = 0;
  for (let code = 0; code < 0x3000; code++) {
    for (const unit of fold(String.fromCodePoint(code))) hash = (hash * 31 + unit.codePointAt(0)!) % 2_147_483_647;
  }
  expect({ foldVersion, hash }).toEqual({ foldVersion: 1, hash: 1_781_599_520 });
});

test('folding every character a second time changes nothing', () => {
  const changed: string[] = [];
  for (let code = 0; code <= 0x10_ff_ff; code++) {
    const folded = fold(`a${String.fromCodePoint(code)}`);
    if (fold(folded) !== folded) changed.push(code.toString(16));
  }
  expect(changed).toEqual([]);
});

function assertForTexts(check: (given: string) => void): void {
  fc.assert(
    fc.property(text, (given) => {
      check(given);
    }),
    { numRuns: 2_000 },
  );
}

test('folding a text a second time changes nothing', () => {
  assertForTexts((given) => expect(fold(fold(given))).toBe(fold(given)));
});

test('all normalization forms of a text have the same folded form', () => {
  assertForTexts((given) => {
    const forms = ['NFC', 'NFD', 'NFKC', 'NFKD'].map((form) => fold(given.toWellFormed().normalize(form)));
    expect(new Set(forms)).toEqual(new Set([fold(given)]));
  });
});

test('a folded text has single spaces, no other white space, no marks and no lone surrogates', () => {
  assertForTexts((given) => expect(fold(given)).not.toMatch(/^ | $| {2}|[^\S ]|\p{M}|\p{Surrogate}/u));
});

test('every mark decomposes to marks and invisible characters only, so that it can be removed before', () => {
  const others: string[] = [];
  for (let code = 0; code <= 0x10_ff_ff; code++) {
    const character = String.fromCodePoint(code);
    const isMark = /\p{M}/u.test(character);
    if (isMark && !/^[\p{M}\p{Default_Ignorable_Code_Point}]+$/u.test(character.normalize('NFKD'))) {
      others.push(code.toString(16));
    }
  }
  expect(others).toEqual([]);
});

// With marks of two classes, which `normalize` sorts, this takes minutes if the time grows with the square of the length.
test('a text of a million marks is folded', () => {
  expect(fold(`a${'\u0301'.repeat(500_000)}${'\u0316'.repeat(500_000)}b`)).toBe('ab');
});

// The other characters decide where a long text is divided.
test('a long text has the folded form of its words', () => {
  const word = fc.string({
    unit: fc.constantFrom(
      '한',
      '\u1112',
      '\u1161',
      '\u11AB',
      'Σ',
      'é',
      'e',
      '\u0301',
      '\u3000',
      '\n',
      '😀',
      '\uD83D',
      '\uFDFA',
    ),
    minLength: 1,
    maxLength: 30,
  });
  const length = fc.integer({ min: 950, max: 1000 });
  fc.assert(
    fc.property(word, length, (given, before) => {
      const others = 'x'.repeat(before);
      expect(fold(`${others}|${given}|${others}`)).toBe(`${others}${fold(`|${given}|`)}${others}`);
    }),
    { numRuns: 2000 },
  );
});

test('the start of a folded text is as long as it may be, and is a folded text', () => {
  const given = 'ﷺ 😀 Ａé'.repeat(2000);
  for (const lengthMax of [0, 1, 999, 5000, 20_000]) {
    const start = foldStart(given, lengthMax);
    expect(fold(given).startsWith(start.replace(/\uFFFD$/, ''))).toBe(true);
    expect(start.length).toBeGreaterThanOrEqual(lengthMax - 1);
    expect(start.length).toBeLessThanOrEqual(lengthMax);
    expect(fold(start)).toBe(start);
  }
});

test('a folded text has at most 18 characters for each character of the text', () => {
  expect(fold('\uFDFA')).toHaveLength(18);
  assertForTexts((given) => expect(fold(given).length).toBeLessThanOrEqual(18 * given.length));
});

test('the words of a query are folded, unique, and not part of each other', () => {
  expect(toSearchWords(' Café cafeteria 100% a_b  CAFÉ\t"x" ')).toEqual(['cafeteria', '100%', 'a_b', '"x"']);
  expect(toSearchWords(' \n ')).toEqual([]);
});

test('a text contains all words of a query exactly if it contains each of its parts', () => {
  const part = fc.string({ unit: fc.constantFrom('a', 'b', 'É', '한', ' '), maxLength: 4 });
  fc.assert(
    fc.property(fc.array(part, { maxLength: 8 }), part, (parts, given) => {
      const [query, folded] = [parts.join(' '), fold(given.repeat(3))];
      const containsParts = fold(query)
        .split(' ')
        .every((one) => folded.includes(one));
      expect(toSearchWords(query).every((word) => folded.includes(word))).toBe(containsParts);
    }),
    { numRuns: 2_000 },
  );
});
