import type { Context } from '../context.ts';
import { CliError } from '../errors.ts';
import { findListId } from '../planning/find-list.ts';
import { connect } from '../server/connect.ts';
import { findTasks } from '../tasks/find-tasks.ts';
import { updateTasks } from '../tasks/update-tasks.ts';

export interface MoveOptions {
  list?: string;
  inbox?: true;
}

export async function move(context: Context, parts: string[], { list, inbox }: MoveOptions): Promise<void> {
  if (list === undefined && !inbox) throw new CliError('USAGE', 'No list is given. Add --list <name> or --inbox.');
  const connection = await connect(context);
  const listId = list === undefined ? null : findListId(await connection.profile.lists(), list);
  const found = await findTasks(connection.holdfast, parts, { signal: context.signal });
  await updateTasks(context, connection, { found, command: 'move', word: 'Moved', set: { listId } });
}
