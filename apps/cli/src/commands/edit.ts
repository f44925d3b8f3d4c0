import type { Holdfast, Task } from '@holdfast/client';
import type { Context } from '../context.ts';
import { CliError } from '../errors.ts';
import type { Profile } from '../planning/profile.ts';
import { saveUndo } from '../planning/save-undo.ts';
import { toUndoOfUpdate } from '../planning/undo-change.ts';
import { toValues, type ValueOptions } from '../planning/values.ts';
import { connect } from '../server/connect.ts';
import { findTasks } from '../tasks/find-tasks.ts';
import { parseText, toText } from '../tasks/task-text.ts';
import { writeChanged } from '../tasks/task-view.ts';
import { edit } from '../terminal/editor.ts';
import { assertArguments, decodeUtf8 } from '../terminal/utf8.ts';

export interface EditOptions extends ValueOptions {
  title?: string;
  description?: string;
  clearDescription?: true;
  clearLabels?: true;
  ifVersion?: number;
}

type Change = Omit<Parameters<Holdfast['task']['update']>[0], 'id'>;

export async function editTask(context: Context, part: string, options: EditOptions): Promise<void> {
  const { title, description, due, list, label = [] } = options;
  assertArguments([title, description, due, list, ...label]);
  const usesEditor = Object.keys(options).every((name) => name === 'ifVersion');
  if (usesEditor && !context.canPrompt) {
    const message = 'No terminal for an editor. Use an option such as --title or --due.';
    throw new CliError('USAGE', message);
  }
  const { output, signal } = context;
  const { holdfast, profile, owner } = await connect(context);
  const change = usesEditor ? null : await toChange(profile, options);
  const [found] = await findTasks(holdfast, [part], { signal });
  const { id } = found!;
  // Undo needs the previous values.
  const before = found!.task ?? (await holdfast.task.get({ id }, { signal }));
  const after = change
    ? await holdfast.task.update({ id, ...change }, { signal })
    : await editInEditor(context, holdfast, { ...before, version: options.ifVersion ?? before.version });
  await saveUndo(context, owner, { command: 'edit', change: after ? toUndoOfUpdate([before], [after]) : undefined });
  writeChanged(output, after === null ? 'Unchanged' : 'Changed', after ?? before);
}

async function toChange(profile: Profile, options: EditOptions): Promise<Change> {
  const { title, description, clearDescription, clearLabels, ifVersion } = options;
  return {
    ...(await toValues(profile, options)),
    ...(title !== undefined && { title }),
    ...(description !== undefined && { description }),
    ...(clearDescription && { description: null }),
    ...(clearLabels && { labels: [] }),
    ...(ifVersion !== undefined && { ifVersion }),
  };
}

/**
 * Opens the task in an editor and saves it only if it still has the same version. If the update fails, the file with
 * the text remains. Null if the user changed nothing.
 */
async function editInEditor({ env, output, signal }: Context, holdfast: Holdfast, task: Task): Promise<Task | null> {
  const before = toText(task);
  const edited = await edit(before, env);
  try {
    const [was, is] = [parseText(before), parseText(decodeUtf8(edited.bytes, 'The file'))];
    const change = {
      ...(is.title !== was.title && { title: is.title }),
      ...(is.description !== was.description && { description: is.description }),
    };
    const isChanged = Object.keys(change).length > 0;
    const { id, version: ifVersion } = task;
    const after = isChanged ? await holdfast.task.update({ id, ...change, ifVersion }, { signal }) : null;
    await edited.remove();
    return after;
  } catch (error) {
    output.note(`Your text is saved in ${edited.path}.`);
    throw error;
  }
}
