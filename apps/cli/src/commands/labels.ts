import type { Context } from '../context.ts';
import { saveUndo } from '../planning/save-undo.ts';
import { connect } from '../server/connect.ts';
import { toPlain } from '../terminal/plain.ts';
import { assertArguments } from '../terminal/utf8.ts';

export async function showLabels(context: Context): Promise<void> {
  const { output, signal } = context;
  const { holdfast } = await connect(context);
  const { items } = await holdfast.label.list({ signal });
  if (output.isJson) return output.json(items);
  for (const { name, count } of items) output.line(`${count}\t${toPlain(name)}`);
  if (items.length === 0 && output.isTerminal) output.note('No labels.');
}

export async function renameLabel(context: Context, from: string, to: string): Promise<void> {
  assertArguments([from, to]);
  const { output, signal } = context;
  const { holdfast, owner } = await connect(context);
  const { count } = await holdfast.label.rename({ from, to }, { signal });
  await saveUndo(context, owner, { command: 'labels rename', change: count > 0 ? { kind: 'final' } : undefined });
  if (output.isJson) return output.json({ count });
  output.line(`Renamed the label on ${count === 1 ? '1 task' : `${count} tasks`}.`);
}
