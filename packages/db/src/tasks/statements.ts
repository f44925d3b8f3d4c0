import { type QueryCreator, sql } from 'kysely';
import type { Tables } from '../schema/row-types.ts';
import { createStatement, type Statement } from '../scope/prepared-statement.ts';
import type { Profile } from '../scope/user-scope.ts';
import { taskBytes, taskColumns, type TaskChanges, type TaskValues, writableFields } from './record.ts';

interface TaskKey {
  userId: string;
  id: string;
}

type WritableColumn = (typeof writableFields)[number]['column'];

/** One SQL expression for each writable column. */
function mapWritable<Expression>(toExpression: (field: (typeof writableFields)[number]) => Expression) {
  const entries = writableFields.map((field) => [field.column, toExpression(field)]);
  return Object.fromEntries(entries) as Record<WritableColumn, Expression>;
}

interface CreateArgs extends TaskKey, Profile, TaskValues {
  completedAt: string | null;
  createdAt: string;
}

export const createTaskStatement = createStatement<CreateArgs>(
  'task_create',
  (db, { value }) =>
    db
      .with('owner', (query) =>
        query
          .insertInto('users')
          .values({ id: value('userId'), email: value('email'), name: value('name') })
          .onConflict((conflict) => conflict.column('id').doNothing()),
      )
      .insertInto('tasks')
      .values({
        ...(mapWritable(({ name }) => value(name)) as { [Column in WritableColumn]: TaskValues[Column] }),
        user_id: value('userId'),
        id: value('id'),
        completed_at: value('completedAt'),
        created_at: value('createdAt'),
        updated_at: value('createdAt'),
      })
      // If the id is taken, this writes the row unchanged. Without a write, RETURNING would not return an existing row.
      .onConflict((conflict) =>
        conflict.columns(['user_id', 'id']).doUpdateSet((row) => ({ version: row.ref('tasks.version') })),
      )
      .returning(taskColumns),
  { isIdempotent: true },
);

/**
 * Looks up each id separately. For `id = any(…)`, PostgreSQL may read all of the user's tasks in another index, which is
 * slow for a user with many tasks.
 */
const getTasksStatement = createStatement<{ userId: string; ids: string }>('task_get_several', (db, { value }) =>
  db
    .selectFrom(sql<{ id: string }>`unnest(${value('ids')}::uuid[])`.as<'wanted'>(sql`wanted (id)`))
    .innerJoinLateral(
      (query) =>
        query
          .selectFrom('tasks')
          .select(taskColumns)
          .where('tasks.user_id', '=', value('userId'))
          .whereRef('tasks.id', '=', 'wanted.id')
          .limit(sql.lit(1))
          .as('task'),
      (join) => join.onTrue(),
    )
    .selectAll('task'),
);

export const getTaskStatement = createStatement<TaskKey>(
  'task_get',
  (db, { value }) =>
    db.selectFrom('tasks').select(taskColumns).where('user_id', '=', value('userId')).where('id', '=', value('id')),
  {
    batch: {
      statement: getTasksStatement,
      toArgs: (calls) => ({ userId: calls[0]!.userId, ids: `{${calls.map(({ id }) => id).join()}}` }),
      isFor: ({ id }, [rowId]) => rowId === id.toLowerCase(),
    },
  },
);

export type TaskOrder = 'newest' | 'oldest';

interface ListArgs {
  userId: string;
  /** The page's limit plus one; the additional row shows that there is a next page. */
  rows: number;
  completed: boolean | undefined;
  afterCreatedAt: string;
  afterId: string;
  /** The page ends before the first task that has this many bytes of tasks before it. */
  maxBytes: number | undefined;
}

/** The position before the first task of each order. */
export const listStart = {
  newest: { createdAt: 'infinity', id: 'ffffffff-ffff-ffff-ffff-ffffffffffff' },
  oldest: { createdAt: '-infinity', id: '00000000-0000-0000-0000-000000000000' },
} as const;

interface ListForm {
  /** With a filter, PostgreSQL reads another index. */
  readonly isFiltered: boolean;
  /** Whether the page has a limit in bytes. Its last column is the number of bytes before the task. */
  readonly isBounded: boolean;
}

function createListStatement(order: TaskOrder, { isFiltered, isBounded }: ListForm): Statement<ListArgs> {
  const [comparison, direction] = order === 'newest' ? (['<', 'desc'] as const) : (['>', 'asc'] as const);
  const name = `task_list_${order}${isFiltered ? '_filtered' : ''}${isBounded ? '_bounded' : ''}`;
  return createStatement(name, (db, { value }) => {
    const page = db
      .selectFrom('tasks')
      .select(taskColumns)
      .where('user_id', '=', value('userId'))
      .$if(isFiltered, (query) => query.where('completed', '=', value('completed')))
      .where(({ eb, refTuple, tuple }) =>
        eb(refTuple('created_at', 'id'), comparison, tuple(value('afterCreatedAt'), value('afterId'))),
      )
      .orderBy('created_at', direction)
      .orderBy('id', direction)
      .limit(value('rows'));
    if (!isBounded) return page;
    const inOrder = sql`(order by created_at ${sql.raw(direction)}, id ${sql.raw(direction)} rows unbounded preceding)`;
    const measured = db
      .selectFrom(page.as('page'))
      .select(taskColumns)
      .select([
        sql<number>`sum(${taskBytes}) over ${inOrder} - (${taskBytes})`.as('bytes_before'),
        sql<number>`lag(${taskBytes}, 1, 0) over ${inOrder}`.as('previous_bytes'),
      ]);
    // Also the first task beyond the limit, which shows that there is a next page.
    return db
      .selectFrom(measured.as('measured'))
      .select([...taskColumns, 'bytes_before'])
      .where(sql<boolean>`bytes_before - previous_bytes < ${value('maxBytes')}::bigint`);
  });
}

const listForms = {
  newest: createListForms('newest'),
  oldest: createListForms('oldest'),
};

function createListForms(order: TaskOrder): Statement<ListArgs>[] {
  return [0, 1, 2, 3].map((form) => createListStatement(order, { isFiltered: form % 2 === 1, isBounded: form >= 2 }));
}

export function findListStatement(order: TaskOrder, { isFiltered, isBounded }: ListForm): Statement<ListArgs> {
  return listForms[order][Number(isFiltered) + 2 * Number(isBounded)]!;
}

interface UpdateArgs extends TaskKey, TaskChanges {
  ifVersion: number | undefined;
  changedAt: string;
}

/** Changes the given fields. The last column of the result is true if the statement changed the task. */
export const updateTaskStatement = createStatement<UpdateArgs>('task_update', (db, { value, isGiven }) =>
  db
    .with('changed', (query) =>
      query
        .updateTable('tasks')
        .set({
          ...mapWritable(
            ({ name, column }) =>
              sql<never>`case when ${isGiven(name)} then ${value(name)} else ${sql.ref(column)} end`,
          ),
          completed_at: sql`case when not ${isGiven('completed')} then completed_at
            when ${value('completed')} then coalesce(completed_at, greatest(created_at, ${value('changedAt')})) end`,
          updated_at: sql`greatest(updated_at, ${value('changedAt')})`,
          version: sql`version + 1`,
        })
        .where('user_id', '=', value('userId'))
        .where('id', '=', value('id'))
        .where(hasVersion(value('ifVersion')))
        .where((task) =>
          task.or(
            writableFields.map(
              ({ name, column }) =>
                sql<boolean>`(${isGiven(name)} and ${sql.ref(column)} is distinct from ${value(name)})`,
            ),
          ),
        )
        .returning(taskColumns),
    )
    .with('unchanged', (query) => findUnchanged(query, 'changed', value('userId'), value('id')))
    .selectFrom('changed')
    .select(taskColumns)
    .select((task) => task.lit<boolean>(true).as('is_applied'))
    .unionAll((query) => query.selectFrom('unchanged').selectAll()),
);

interface DeleteArgs extends TaskKey {
  ifVersion: number | undefined;
}

/** Deletes the task. The last column of the result is true if the statement deleted it. */
export const deleteTaskStatement = createStatement<DeleteArgs>('task_delete', (db, { value }) =>
  db
    .with('deleted', (query) =>
      query
        .deleteFrom('tasks')
        .where('user_id', '=', value('userId'))
        .where('id', '=', value('id'))
        .where(hasVersion(value('ifVersion')))
        .returning(taskColumns),
    )
    .with('unchanged', (query) => findUnchanged(query, 'deleted', value('userId'), value('id')))
    .selectFrom('deleted')
    .select(taskColumns)
    .select((task) => task.lit<boolean>(true).as('is_applied'))
    .unionAll((query) => query.selectFrom('unchanged').selectAll()),
);

/** All statements on tasks. */
export const taskStatements: readonly Pick<Statement<never>, 'name' | 'text'>[] = [
  createTaskStatement,
  getTaskStatement,
  getTasksStatement,
  ...Object.values(listForms).flat(),
  updateTaskStatement,
  deleteTaskStatement,
];

/** True if no version is given. The cast to bigint accepts versions that no task can have. */
function hasVersion(version: number) {
  return sql<boolean>`(${version}::bigint is null or version = ${version}::bigint)`;
}

/**
 * The task, if the statement before did not change it. That statement may have waited for another writer. Its new row is
 * not in this statement's snapshot: FOR SHARE reads it, and a weaker lock does not.
 */
function findUnchanged(
  query: QueryCreator<Tables & Record<'changed' | 'deleted', Pick<Tables['tasks'], 'id'>>>,
  change: 'changed' | 'deleted',
  userId: string,
  id: string,
) {
  return query
    .selectFrom('tasks')
    .select(taskColumns)
    .select((task) => task.lit<boolean>(false).as('is_applied'))
    .where('user_id', '=', userId)
    .where('id', '=', id)
    .where(({ not, exists, selectFrom }) => not(exists(selectFrom(change).select('id'))))
    .forShare();
}
