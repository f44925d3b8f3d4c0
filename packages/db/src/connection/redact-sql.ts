/**
 * What may hold a value: texts in each of PostgreSQL's ways to write them, comments, and numbers that are not part of a
 * name or a placeholder. Names in quotes are found so that a quote within them opens nothing.
 */
const literals = [
  String.raw`(?<name>"(?:[^"]|"")*")`,
  // Comments nest, so one ends at the last of their ends.
  String.raw`(?<comment>--[^\n]*|/\*[\s\S]*\*/|/\*[\s\S]*$)`,
  // Only a text that starts with E knows the backslash.
  String.raw`(?<![\w$])e'(?:[^'\\]|\\[\s\S]|'')*(?:'|$)`,
  String.raw`'(?:[^']|'')*(?:'|$)`,
  String.raw`(?<![\w$])\$(?<tag>[a-z_]\w*)?\$[\s\S]*?(?:\$\k<tag>\$|$)`,
  String.raw`(?<![\w$"])-?\d[\d_]*(?:\.\d*)?(?:e[+-]?\d+)?`,
];
const literal = new RegExp(literals.join('|'), 'gi');

/** A statement with a question mark in place of every value that is written in it, on one line, so that it may be logged. */
export function redactSql(text: string): string {
  return text
    .replace(literal, (...found) => {
      const { name, comment } = found.at(-1) as Record<string, string | undefined>;
      return name ?? (comment === undefined ? '?' : ' ');
    })
    .replace(/\?(?:\s*,\s*\?)+/g, '?, …')
    .replace(/\s+/g, ' ')
    .trim();
}
