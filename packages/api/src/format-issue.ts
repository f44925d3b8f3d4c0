import type { z } from 'zod';

const kinds: Readonly<Record<string, string>> = {
  boolean: 'true or false',
  int: 'a whole number',
  number: 'a number',
  object: 'an object',
  string: 'a string',
};

/** Formats an issue for which the schema has no message. Undefined for zod's default message. */
export function formatIssue(issue: z.core.$ZodRawIssue): string | undefined {
  // A procedure without an input.
  if (issue.code === 'invalid_type' && issue.expected === 'void') return 'The call has no input. Omit it.';
  if (issue.code === 'invalid_type') return `must be ${kinds[issue.expected] ?? issue.expected}`;
  if (issue.code === 'invalid_value') {
    return `must be ${issue.values.length > 1 ? 'one of ' : ''}${issue.values.map(String).join(', ')}`;
  }
  if (issue.code === 'too_small') return `must be ${issue.minimum} or more`;
  if (issue.code === 'unrecognized_keys') return formatKeys(issue.keys);
  if (issue.code !== 'too_big') return undefined;
  return issue.origin === 'string'
    ? `must have at most ${issue.maximum} characters`
    : `must be ${issue.maximum} or less`;
}

/** Keys that a message names. A request can have any number of them, of any length. */
const keysMax = 5;
const keyLengthMax = 50;

/** As zod's message, with the first keys and the number of the others. */
function formatKeys(keys: string[]): string {
  const shown = keys.slice(0, keysMax).map((key) => JSON.stringify(shorten(key)));
  const rest = keys.length > keysMax ? ` and ${keys.length - keysMax} more` : '';
  return `Unrecognized key${keys.length > 1 ? 's' : ''}: ${shown.join(', ')}${rest}`;
}

function shorten(key: string): string {
  return key.length > keyLengthMax ? `${key.slice(0, keyLengthMax)}…` : key;
}

/** Problems that an error lists. A request can have any number of them. */
const issuesMax = 5;

/** The first issues, and the number of the others. A path contains only names of the schema and indexes. */
export function toShownIssues({ issues }: z.ZodError): z.core.$ZodIssue[] {
  const shown = issues.slice(0, issuesMax);
  const rest = issues.length - shown.length;
  if (rest === 0) return shown;
  return [...shown, { code: 'custom', path: [], message: `and ${rest} more problems`, input: undefined }];
}

/** Formats the issues that an error lists as one message. */
export function formatIssues(error: z.ZodError): string {
  return toShownIssues(error)
    .map(({ path, message }) => (path.length > 0 ? `${path.join('.')}: ${message}` : message))
    .join('; ');
}
