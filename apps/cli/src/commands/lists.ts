import { isHoldfastError, type List } from '@holdfast/client';
import type { Context } from '../context.ts';
import { CliError } from '../errors.ts';
import { findList, findListId } from '../planning/find-list.ts';
import { saveUndo } from '../planning/save-undo.ts';
import type { UndoChange } from '../planning/undo.ts';
import { type Connection, connect } from '../server/connect.ts';
import { toShortIds } from '../tasks/short-ids.ts';
import { toPlain } from '../terminal/plain.ts';
import { bold, openPrompts } from '../terminal/prompts.ts';
import { assertArguments } from '../terminal/utf8.ts';

export async function showLists(context: Context): Promise<void> {
  const { output } = context;
  const { profile } = await connect(context);
  const lists = await profile.lists();
  if (output.isJson) return output.json(lists);
  const toShortId = output.isTerminal ? toShortIds(lists.map(({ id }) => id)) : (id: string) => id;
  for (const { id, name, archivedAt } of lists) {
    const shown = `${toPlain(name)}${archivedAt === null || !output.isTerminal ? '' : ' (archived)'}`;
    output.line([output.paint('yellow', toPlain(toShortId(id))), shown].join(output.isTerminal ? '  ' : '\t'));
  }
  if (lists.length === 0 && output.isTerminal) output.note('No lists. Create one with `tasks lists add <name>`.');
}

export async function addList(context: Context, words: string[]): Promise<void> {
  assertArguments(words);
  const connection = await connect(context);
  const list = await connection.holdfast.list.create({ name: words.join(' ') }, { signal: context.signal });
  await finish(context, connection, { command: 'lists add', change: { kind: 'createdList', id: list.id } });
  writeList(context, 'Added', list);
}

export async function renameList(context: Context, from: string, words: string[]): Promise<void> {
  assertArguments([from, ...words]);
  const connection = await connect(context);
  const { id, name } = findList(await connection.profile.lists(), from);
  const list = await connection.holdfast.list.update({ id, name: words.join(' ') }, { signal: context.signal });
  const change = { kind: 'renamedList' as const, id, version: list.version, name };
  await finish(context, connection, { command: 'lists rename', change });
  writeList(context, 'Renamed', list);
}

export async function archiveList(context: Context, name: string, archived: boolean): Promise<void> {
  assertArguments([name]);
  const connection = await connect(context);
  const { id } = findList(await connection.profile.lists(), name);
  const list = await connection.holdfast.list.update({ id, archived }, { signal: context.signal });
  const command = archived ? 'lists archive' : 'lists unarchive';
  await finish(context, connection, { command, change: { kind: 'final' } });
  writeList(context, archived ? 'Archived' : 'Unarchived', list);
}

export interface DeleteListOptions {
  moveTo?: string;
  yes?: true;
}

export async function deleteList(context: Context, name: string, { moveTo, yes }: DeleteListOptions): Promise<void> {
  const prompts = yes ? null : await openPrompts(context, 'Add --yes.');
  const connection = await connect(context);
  const lists = await connection.profile.lists();
  const list = findList(lists, name);
  const target = moveTo === undefined ? {} : { moveTo: findListId(lists, moveTo) };
  const what = `the list ${bold(toPlain(list.name))}${moveTo === undefined ? ' and its tasks' : ''}`;
  if (prompts && !(await prompts.confirm(`Move ${what} to the trash?`))) {
    throw new CliError('CANCELLED', 'Nothing was deleted.');
  }
  await connection.holdfast.list.delete({ id: list.id, ...target }, { signal: context.signal });
  // The tasks that moved to another list would stay there.
  const change: UndoChange = moveTo === undefined ? { kind: 'deletedList', id: list.id } : { kind: 'final' };
  await finish(context, connection, { command: 'lists delete', change });
  writeList(context, 'Moved to the trash:', list);
}

export async function restoreList(context: Context, id: string): Promise<void> {
  const connection = await connect(context);
  const list = await connection.holdfast.list.restore({ id }, { signal: context.signal }).catch((cause: unknown) => {
    if (!isHoldfastError(cause, 'NOT_FOUND')) throw cause;
    throw new CliError('NOT_FOUND', 'No list in the trash has this ID.', { cause, more: { id } });
  });
  await finish(context, connection, { command: 'lists restore', change: { kind: 'final' } });
  writeList(context, 'Restored', list);
}

const finish = (context: Context, { owner }: Connection, entry: { command: string; change: UndoChange }) =>
  saveUndo(context, owner, entry);

function writeList({ output }: Context, word: string, list: List): void {
  if (output.isJson) return output.json(list);
  output.line(output.isTerminal ? `${word} ${toPlain(list.name)} (${toPlain(list.id)}).` : toPlain(list.id));
}
