/**
 * Matches everything that can contain a value: all forms of string literals, comments, and numbers that are not part of a
 * name or a placeholder. Quoted names match too, so that a quote inside a name does not start a literal.
 */
const literals = [
  String.raw`(?<name>"(?:[^"]|"")*")`,
  // Comments nest, so a comment ends at the last `*/`.
  String.raw`(?<comment>--[^\n]*|/\*[\s\S]*\*/|/\*[\s\S]*$)`,
  // Only E'…' literals have backslash escapes.
  String.raw`(?<![\w$])e'(?:[^'\\]|\\[\s\S]|'')*(?:'|$)`,
  String.raw`'(?:[^']|'')*(?:'|$)`,
  String.raw`(?<![\w$])\$(?<tag>[a-z_]\w*)?\$[\s\S]*?(?:\$\k<tag>\$|$)`,
  String.raw`(?<![\w$"])-?\d[\d_]*(?:\.\d*)?(?:e[+-]?\d+)?`,
];
const literal = new RegExp(literals.join('|'), 'gi');

/** Replaces every value in a statement with a question mark and puts it on one line, so that it can be logged. */
export function redactSql(text: string): string {
  return text
    .replace(literal, (...match) => {
      const { name, comment } = match.at(-1) as Record<string, string | undefined>;
      return name ?? (comment === undefined ? '?' : ' ');
    })
    .replace(/\?(?:\s*,\s*\?)+/g, '?, …')
    .replace(/\s+/g, ' ')
    .trim();
}
