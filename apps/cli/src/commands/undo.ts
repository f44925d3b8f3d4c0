import { type Holdfast, isHoldfastError } from '@holdfast/client';
import type { Context } from '../context.ts';
import { CliError } from '../errors.ts';
import {
  isOfMany,
  toUndoCalls,
  type UndoCall,
  type UndoCallOfMany,
  type UndoCallOfOne,
} from '../planning/undo-change.ts';
import { createUndoStore } from '../planning/undo.ts';
import { findConfigFolder } from '../server/config-folder.ts';
import { connect } from '../server/connect.ts';
import { settle, settleMany, TaskCallError } from '../tasks/settle.ts';

/** Undoes the last command of this account at this server. */
export async function undo(context: Context): Promise<void> {
  const { env, output } = context;
  const { holdfast, owner } = await connect(context);
  const store = createUndoStore(findConfigFolder(env));
  const entry = await store.find(owner);
  if (entry === undefined) throw new CliError('NOTHING_TO_UNDO', 'There is nothing to undo.');
  const calls = toUndoCalls(entry.change);
  if (calls.length === 0) {
    throw new CliError('NOTHING_TO_UNDO', `You cannot undo the last command (${entry.command}).`);
  }
  const { ids, errors } = await apply(calls, { holdfast, signal: context.signal });
  // After other errors, such as a lost connection, the same undo can help.
  if (errors.every(isFinal)) await store.remove(owner);
  if (output.isJson) output.json(ids.map((id) => ({ id })));
  else if (ids.length > 0)
    output.line(`Undid ${entry.command} (${ids.length === 1 ? '1 change' : `${ids.length} changes`}).`);
  if (errors.length > 0) throw new AggregateError(errors);
}

interface ApplyOptions {
  holdfast: Holdfast;
  signal: AbortSignal;
}

/** IDs of the tasks or lists that were changed back, and the errors of the others. */
async function apply(calls: UndoCall[], options: ApplyOptions): Promise<{ ids: string[]; errors: unknown[] }> {
  const ids: string[] = [];
  const errors: unknown[] = [];
  for (const { procedure, input } of calls.filter(isOfMany)) {
    const settled = await settleMany(input.ids, (some) => applyToMany(procedure, some, options));
    ids.push(...settled.results);
    errors.push(...settled.errors);
  }
  const single = calls.flatMap((call) => (isOfMany(call) ? [] : [{ id: call.input.id, call }]));
  const settled = await settle(single, async ({ call }) => (await applyToOne(call, options)).id);
  return { ids: [...ids, ...settled.results], errors: [...errors, ...settled.errors] };
}

async function applyToMany(procedure: UndoCallOfMany['procedure'], ids: string[], { holdfast, signal }: ApplyOptions) {
  if (procedure === 'task.deleteMany') return (await holdfast.task.deleteMany({ ids }, { signal })).ids;
  const { items } = await holdfast.trash.restore({ ids }, { signal });
  return items.map(({ id }) => id);
}

function applyToOne({ procedure, input }: UndoCallOfOne, { holdfast, signal }: ApplyOptions): Promise<{ id: string }> {
  switch (procedure) {
    case 'task.update':
      return holdfast.task.update(input, { signal });
    case 'list.update':
      return holdfast.list.update(input, { signal });
    case 'list.delete':
      return holdfast.list.delete(input, { signal });
    default:
      return holdfast.list.restore(input, { signal });
  }
}

function isFinal(error: unknown): boolean {
  const cause = error instanceof TaskCallError ? error.cause : error;
  return isHoldfastError(cause, 'CONFLICT') || isHoldfastError(cause, 'NOT_FOUND');
}
