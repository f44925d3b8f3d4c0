/**
 * Characters that control a terminal or change the direction of writing. A task can contain them. U+0080 to U+009F are
 * escape sequences of one character.
 */
// oxlint-disable-next-line no-control-regex
const controls = /[\u0000-\u001f\u007f-\u009f\u2028\u2029\u202a-\u202e\u2066-\u2069]/g;

const toEscape = (character: string) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`;

/** Escapes control characters, so that a terminal shows a text as one line. */
export function toPlain(text: string): string {
  return text.replace(controls, toEscape);
}

/** Escapes control characters but preserves line breaks. */
export function toPlainLines(text: string): string {
  return text
    .split(/\r?\n/)
    .map((line) => toPlain(line))
    .join('\n');
}

/** JSON with all control characters escaped. JSON.stringify escapes only the first 32 characters. */
export function toPlainJson(value: unknown, indent?: number): string {
  return JSON.stringify(value, null, indent).replace(controls, (character) =>
    character === '\n' ? character : toEscape(character),
  );
}
