import type { Statement, TextRow } from '../scope/prepared-statement.ts';
import { internalsOf, type UserScope } from '../scope/user-scope.ts';
import { type CopyArgs, copyListsStatement } from './copy-statements.ts';
import type { RecordKind } from './position.ts';

const firstId = '00000000-0000-0000-0000-000000000000';

interface RowsQuery<Args extends CopyArgs> {
  /** The last record of the previous page; undefined for the first page. */
  after: { readonly kind: RecordKind; readonly id: string } | undefined;
  /** Number of rows of each kind. */
  rows: number;
  /** The statement for the tasks, with its other arguments. */
  tasks: { statement: Statement<Args>; args: Omit<Args, keyof CopyArgs> };
}

/** Reads the rows after a record, in the order of their IDs: the lists, and then the tasks. */
export async function readRows<Args extends CopyArgs>(
  scope: UserScope,
  { after, rows, tasks: { statement, args } }: RowsQuery<Args>,
): Promise<{ lists: TextRow[]; tasks: TextRow[] }> {
  const { userId } = scope;
  const { run, runAll } = internalsOf(scope);
  const toArgs = (kind: RecordKind): CopyArgs => {
    const id = after?.kind === kind ? after.id : undefined;
    return { userId, from: id ?? firstId, after: id, rows };
  };
  const taskArgs = { ...toArgs('task'), ...args } as Args;
  if (after?.kind === 'task') return { lists: [], tasks: await run(statement, taskArgs) };
  // The tasks come first, because each statement sees later changes than the previous one: a copy reads the log with the tasks,
  // and the list of each task must exist.
  const [tasks, lists] = (await runAll([
    { statement, args: taskArgs },
    { statement: copyListsStatement, args: toArgs('list') },
  ])) as [TextRow[], TextRow[]];
  return { lists, tasks };
}
