import type { CreateTaskInput } from '@holdfast/client';
import type { QuickAdd } from '@holdfast/quick-add';
import type { Context } from '../context.ts';
import { CliError } from '../errors.ts';
import { describeInterpretation } from '../planning/describe.ts';
import { findListId } from '../planning/find-list.ts';
import type { Profile } from '../planning/profile.ts';
import { saveUndo } from '../planning/save-undo.ts';
import { toValues, uniteLabels, type ValueOptions } from '../planning/values.ts';
import { connect } from '../server/connect.ts';
import { parseText } from '../tasks/task-text.ts';
import { writeChanged } from '../tasks/task-view.ts';
import { readStdin } from '../terminal/stdin.ts';
import { assertArguments } from '../terminal/utf8.ts';

export interface AddOptions extends ValueOptions {
  description?: string;
  literal?: true;
}

export async function add(context: Context, words: string[], options: AddOptions): Promise<void> {
  const { description, due, list, label = [] } = options;
  assertArguments([...words, description, due, list, ...label]);
  const { holdfast, profile, owner } = await connect(context);
  const { output, signal } = context;
  const isFromStdin = words.length === 1 && words[0] === '-';
  const found = isFromStdin || options.literal ? undefined : await parse(profile, words.join(' '));
  const text = isFromStdin
    ? await readText(context, description)
    : { title: found?.title ?? words.join(' '), description: description ?? null };
  const values = {
    ...(found && (await toFoundValues(profile, found, options))),
    ...(await toValues(profile, options)),
  };
  const labels = uniteLabels([...(values.labels ?? []), ...(found?.labels ?? [])]);
  const input: CreateTaskInput = { ...text, ...values, ...(labels.length > 0 && { labels }) };
  const task = await holdfast.task.create(input, { signal });
  await saveUndo(context, owner, { command: 'add', change: { kind: 'created', ids: [task.id] } });
  writeChanged(output, 'Added', task);
  if (found && found.parts.length > 0) {
    output.note(describeInterpretation({ ...task, list: list ?? found.list }));
  }
}

async function readText({ signal }: Context, description: string | undefined) {
  const text = parseText(await readStdin(signal));
  if (description === undefined) return text;
  if (text.description === null) return { ...text, description };
  throw new CliError('USAGE', 'The description is in both stdin and --description. Remove one of them.');
}

/** In this zone, each day ends last. So a date that is not past in the zone of the user is not past here. */
const lastZone = 'Etc/GMT+12';

/** Asks for the zone of the user only if the text has a date. */
async function parse(profile: Profile, text: string): Promise<QuickAdd> {
  // The parser of dates is large.
  const [{ parseQuickAdd }, { findDates }] = await Promise.all([
    import('@holdfast/quick-add'),
    import('@holdfast/quick-add/dates'),
  ]);
  const found = parseQuickAdd(text, { now: new Date(), timeZone: lastZone }, { findDates });
  if (found.due === null) return found;
  // Both requests are sent together.
  const [present] = await Promise.all([profile.present(), found.list !== null && profile.lists()]);
  return parseQuickAdd(text, present, { findDates });
}

/** Without the list, if an option names another. */
async function toFoundValues(profile: Profile, { due, list, priority }: QuickAdd, options: AddOptions) {
  const isListNeeded = list !== null && options.list === undefined;
  return {
    ...(due !== null && { due }),
    ...(isListNeeded && { listId: findListId(await profile.lists(), list) }),
    ...(priority > 0 && { priority }),
  };
}
