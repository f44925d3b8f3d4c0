/** The capital letters of each lower-case letter, and the other form of the Greek sigma. */
let capitals: Map<string, string[]> | undefined;

function findCapitals(): Map<string, string[]> {
  const found = new Map([['σ', ['ς']]]);
  for (let code = 0; code < 0x2_00_00; code++) {
    const letter = String.fromCodePoint(code);
    const lower = letter.toLowerCase();
    if (lower === letter) continue;
    const others = found.get(lower);
    if (others === undefined) found.set(lower, [letter]);
    else others.push(letter);
  }
  return found;
}

/** A comparison of texts that ignores case, for `translate(normalize(text, NFC), letters, replacements) = key` in SQL. */
export interface CaseKey {
  key: string;
  letters: string;
  replacements: string;
}

/**
 * Returns the comparison with a text. SQL's `lower` depends on the locale of the database: in the locale C, it changes only the
 * letters A to Z.
 */
export function toCaseKey(text: string): CaseKey {
  capitals ??= findCapitals();
  const key = text.normalize('NFC').toLowerCase().replaceAll('ς', 'σ');
  let [letters, replacements] = ['', ''];
  for (const letter of new Set(key)) {
    for (const capital of capitals.get(letter) ?? []) {
      letters += capital;
      replacements += letter;
    }
  }
  return { key, letters, replacements };
}
