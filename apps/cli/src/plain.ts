/**
 * What moves the cursor, colours, rings or turns the direction of writing: a title may hold any of it, and a terminal
 * would obey. U+0080 to U+009F are escape sequences of one character.
 */
// oxlint-disable-next-line no-control-regex
const commanding = /[\u0000-\u001f\u007f-\u009f\u2028\u2029\u202a-\u202e\u2066-\u2069]/g;

const toEscape = (character: string) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`;

/** A text of somebody's as one line that a terminal only shows. */
export function toPlain(text: string): string {
  return text.replace(commanding, toEscape);
}

/** The same with its lines kept. */
export function toPlainLines(text: string): string {
  return text
    .split(/\r?\n/)
    .map((line) => toPlain(line))
    .join('\n');
}

/** JSON that a terminal only shows, too: JSON itself escapes no more than the first 32 characters. */
export function toPlainJson(value: unknown, indent?: number): string {
  return JSON.stringify(value, null, indent).replace(commanding, (character) =>
    character === '\n' ? character : toEscape(character),
  );
}
