import type { Context } from '../context.ts';
import { CliError } from '../errors.ts';
import { connect } from '../server/connect.ts';
import { parseText, type TaskText } from '../tasks/task-text.ts';
import { writeChanged } from '../tasks/task-view.ts';
import { readStdin } from '../terminal/stdin.ts';
import { assertArguments } from '../terminal/utf8.ts';

export async function add(context: Context, words: string[], { description }: { description?: string }): Promise<void> {
  assertArguments([...words, description]);
  const { holdfast } = await connect(context);
  const text = await toTaskText(context, words, description);
  const { output, signal } = context;
  writeChanged(output, 'Added', await holdfast.task.create(text, { signal }));
}

async function toTaskText({ signal }: Context, words: string[], description?: string): Promise<TaskText> {
  const isFromStdin = words.length === 1 && words[0] === '-';
  if (!isFromStdin) return { title: words.join(' '), description: description ?? null };
  const text = parseText(await readStdin(signal));
  if (description === undefined) return text;
  if (text.description === null) return { ...text, description };
  throw new CliError('USAGE', 'The description is in both stdin and --description. Remove one of them.');
}
