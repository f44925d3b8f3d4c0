import { connect } from '../connect.ts';
import type { Context } from '../context.ts';
import { CliError } from '../errors.ts';
import { readStdin } from '../stdin.ts';
import { parseText, type Wording } from '../task-text.ts';
import { writeChanged } from '../task-view.ts';

export async function add(context: Context, words: string[], { description }: { description?: string }): Promise<void> {
  const { holdfast } = await connect(context);
  const wording = await toWording(context, words, description);
  const { output, signal } = context;
  writeChanged(output, 'Added', await holdfast.task.create(wording, { signal }));
}

async function toWording({ signal }: Context, words: string[], description?: string): Promise<Wording> {
  const isFromStdin = words.length === 1 && words[0] === '-';
  if (!isFromStdin) return { title: words.join(' '), description: description ?? null };
  const wording = parseText(await readStdin(signal));
  if (description === undefined) return wording;
  if (wording.description === null) return { ...wording, description };
  throw new CliError('USAGE', 'The description is both in the input and in --description: leave out one of them.');
}
