import { CliError } from './errors.ts';

/** What a person writes of a task. */
export interface Wording {
  title: string;
  description: string | null;
}

/** As a text: the title is its first line, the description everything after an empty one. */
export function toText({ title, description }: Wording): string {
  const line = title.replaceAll(/\s*[\r\n]+\s*/g, ' ');
  return description === null ? `${line}\n` : `${line}\n\n${description}\n`;
}

/** @throws CliError USAGE without a title. */
export function parseText(text: string): Wording {
  const [title = '', ...rest] = text.replaceAll('\r\n', '\n').trim().split('\n');
  const description = rest.join('\n').trim();
  if (title.trim() === '') throw new CliError('USAGE', 'A task needs a title: the first line of its text is empty.');
  return { title: title.trim(), description: description === '' ? null : description };
}
