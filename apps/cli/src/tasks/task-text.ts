import { CliError } from '../errors.ts';

/** The texts of a task, which `tasks edit` shows in an editor as one text. */
export interface TaskText {
  title: string;
  description: string | null;
}

/** Formats a task as text: the title is the first line, and the description follows an empty line. */
export function toText({ title, description }: TaskText): string {
  const line = title.replaceAll(/\s*[\r\n]+\s*/g, ' ');
  return description === null ? `${line}\n` : `${line}\n\n${description}\n`;
}

/**
 * Splits a text into title and description, so that a person can write both in one file: the inverse of `toText`.
 *
 * @throws CliError USAGE if the text has no title.
 */
export function parseText(text: string): TaskText {
  const [title = '', ...rest] = text.replaceAll('\r\n', '\n').trim().split('\n');
  const description = rest.join('\n').trim();
  if (title.trim() === '') throw new CliError('USAGE', 'The task has no title. Write it in the first line.');
  return { title: title.trim(), description: description === '' ? null : description };
}
