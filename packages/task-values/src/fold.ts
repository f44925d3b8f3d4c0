/** Version of the rules of `fold`. Texts folded by another version must be folded again before they are compared. */
export const foldVersion = 1;

/** Lower-case letters and signs that Unicode does not decompose. No value contains a key. */
const similar: Readonly<Record<string, string>> = {
  ß: 'ss',
  æ: 'ae',
  œ: 'oe',
  þ: 'th',
  ð: 'd',
  đ: 'd',
  ɖ: 'd',
  ɗ: 'd',
  ħ: 'h',
  ı: 'i',
  ɨ: 'i',
  ȷ: 'j',
  ĸ: 'k',
  ƙ: 'k',
  ł: 'l',
  ŋ: 'n',
  ø: 'o',
  ŧ: 't',
  ʉ: 'u',
  ƴ: 'y',
  ɓ: 'b',
  ς: 'σ',
  '‘': "'",
  '’': "'",
  ʼ: "'",
  '“': '"',
  '”': '"',
  '‐': '-',
  '–': '-',
  '—': '-',
};
const similarLetters = new RegExp(`[${Object.keys(similar).join('')}]`, 'gu');

/**
 * Returns the form of a text that search compares: without case, accents, other marks and invisible characters, with single
 * spaces. A folded text contains no tab or line break, and folding it again does not change it. All normalization forms of a
 * text have the same result, which can be longer than the text: one character becomes at most 18.
 */
export function fold(text: string): string {
  return foldStart(text, Infinity);
}

/** The first characters of `fold`. Most of the rest is not computed. @param lengthMax Most characters of the result. */
export function foldStart(text: string, lengthMax: number): string {
  let folded = '';
  // With the flag `u`, a part contains whole characters.
  for (const [part] of text.toWellFormed().matchAll(/[^]{1,1000}/gu)) {
    folded += foldPart(part);
    if (folded.length > lengthMax) break;
  }
  const whole = joinParts(folded);
  return whole.length > lengthMax ? joinParts(whole.slice(0, lengthMax).toWellFormed()) : whole;
}

/**
 * The marks are removed first, because `normalize` takes the square of the length of a run of marks to sort them. Those that it adds
 * are in short runs.
 */
function foldPart(text: string): string {
  return text
    .replaceAll(/\p{M}+/gu, '')
    .normalize('NFKD')
    .replaceAll(/[\p{M}\p{Default_Ignorable_Code_Point}]+/gu, '')
    .toLowerCase()
    .replaceAll(similarLetters, (letter) => similar[letter]!)
    .normalize('NFC');
}

/** The parts of a Korean syllable can be in two parts of the text, and so can white space. */
function joinParts(text: string): string {
  return text
    .normalize('NFC')
    .replaceAll(/[\s\u0085]+/g, ' ')
    .trim();
}
