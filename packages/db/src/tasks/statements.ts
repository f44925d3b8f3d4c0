import { type QueryCreator, sql } from 'kysely';
import type { Tables } from '../schema/row-types.ts';
import { createStatement, type Statement } from '../scope/prepared-statement.ts';
import { taskColumns } from './record.ts';

interface TaskKey {
  userId: string;
  id: string;
}

export interface CreateArgs extends TaskKey {
  email: string | null;
  name: string | null;
  title: string;
  description: string | null;
  completed: boolean;
  completedAt: string | null;
  createdAt: string;
}

export const createTaskStatement = createStatement<CreateArgs>(
  'task_create',
  (db, parameter) =>
    db
      .with('owner', (query) =>
        query
          .insertInto('users')
          .values({ id: parameter('userId'), email: parameter('email'), name: parameter('name') })
          .onConflict((conflict) => conflict.column('id').doNothing()),
      )
      .insertInto('tasks')
      .values({
        user_id: parameter('userId'),
        id: parameter('id'),
        title: parameter('title'),
        description: parameter('description'),
        completed: parameter('completed'),
        completed_at: parameter('completedAt'),
        created_at: parameter('createdAt'),
        updated_at: parameter('createdAt'),
      })
      // Where the id is taken this writes the row as it is: only so does the statement return it, whoever came first.
      .onConflict((conflict) =>
        conflict.columns(['user_id', 'id']).doUpdateSet((row) => ({ version: row.ref('tasks.version') })),
      )
      .returning(taskColumns),
  { isRepeatable: true },
);

/**
 * Each id is looked up by itself: for `id = any` PostgreSQL may read all of the user's tasks in another index, which a user
 * with few tasks does not feel and one with many does.
 */
const getTasksStatement = createStatement<{ userId: string; ids: string }>('task_get_several', (db, parameter) =>
  db
    .selectFrom(sql<{ id: string }>`unnest(${parameter('ids')}::uuid[])`.as<'wanted'>(sql`wanted (id)`))
    .innerJoinLateral(
      (query) =>
        query
          .selectFrom('tasks')
          .select(taskColumns)
          .where('tasks.user_id', '=', parameter('userId'))
          .whereRef('tasks.id', '=', 'wanted.id')
          .limit(sql.lit(1))
          .as('task'),
      (join) => join.onTrue(),
    )
    .selectAll('task'),
);

export const getTaskStatement = createStatement<TaskKey>(
  'task_get',
  (db, parameter) =>
    db
      .selectFrom('tasks')
      .select(taskColumns)
      .where('user_id', '=', parameter('userId'))
      .where('id', '=', parameter('id')),
  {
    joined: {
      statement: getTasksStatement,
      toArgs: (all) => ({ userId: all[0]!.userId, ids: `{${all.map(({ id }) => id).join()}}` }),
      isFor: ({ id }, [rowId]) => rowId === id.toLowerCase(),
    },
  },
);

export interface ListArgs {
  userId: string;
  /** One more than a page shows tells whether there is a further one. */
  rows: number;
  completed: boolean | undefined;
  afterCreatedAt: string | undefined;
  afterId: string | undefined;
}

/** The statement for one order, with or without a filter and a place to start from. */
export const listTasksStatement = memoize(
  (order: 'newest' | 'oldest', hasFilter: boolean, hasCursor: boolean): Statement<ListArgs> => {
    const [comparison, direction] = order === 'newest' ? (['<', 'desc'] as const) : (['>', 'asc'] as const);
    const name = `task_list_${order}${hasFilter ? '_filtered' : ''}${hasCursor ? '_after' : ''}`;
    return createStatement(name, (db, parameter) =>
      db
        .selectFrom('tasks')
        .select(taskColumns)
        .where('user_id', '=', parameter('userId'))
        .$if(hasFilter, (query) => query.where('completed', '=', parameter('completed')!))
        .$if(hasCursor, (query) =>
          query.where(({ eb, refTuple, tuple }) =>
            eb(refTuple('created_at', 'id'), comparison, tuple(parameter('afterCreatedAt')!, parameter('afterId')!)),
          ),
        )
        .orderBy('created_at', direction)
        .orderBy('id', direction)
        .limit(parameter('rows')),
    );
  },
);

export interface UpdateArgs extends TaskKey {
  title: string | undefined;
  description: string | null | undefined;
  completed: boolean | undefined;
  ifVersion: number | undefined;
  changedAt: string;
}

export type TaskField = 'title' | 'description' | 'completed';

/** The statement that changes some fields; its last column says whether anything changed. */
export const updateTaskStatement = memoize(
  (hasTitle: boolean, hasDescription: boolean, hasCompleted: boolean, hasVersion: boolean): Statement<UpdateArgs> => {
    const fields = [hasTitle && 'title', hasDescription && 'description', hasCompleted && 'completed'].filter(
      (field): field is TaskField => field !== false,
    );
    const name = ['task_update', ...fields, ...(hasVersion ? ['if_version'] : [])].join('_');
    return createStatement(name, (db, parameter) =>
      db
        .with('changed', (query) =>
          query
            .updateTable('tasks')
            .set((task) => ({
              ...(hasTitle && { title: parameter('title')! }),
              ...(hasDescription && { description: parameter('description')! }),
              ...(hasCompleted && {
                completed: parameter('completed')!,
                completed_at: task
                  .case()
                  .when(task.cast<boolean>(task.val(parameter('completed')), 'boolean'))
                  .then(
                    task.fn.coalesce(
                      'tasks.completed_at',
                      task.cast<string>(task.val(parameter('changedAt')), 'timestamptz'),
                    ),
                  )
                  .end(),
              }),
              updated_at: task.fn<string>('greatest', ['tasks.updated_at', task.val(parameter('changedAt'))]),
              version: task('tasks.version', '+', task.lit(1)),
            }))
            .where('user_id', '=', parameter('userId'))
            .where('id', '=', parameter('id'))
            .$if(hasVersion, (change) => change.where(isVersion(parameter('ifVersion')!)))
            .where((task) => task.or(fields.map((field) => task(field, 'is distinct from', parameter(field)!))))
            .returning(taskColumns),
        )
        .with('untouched', (query) => findUntouched(query, 'changed', parameter('userId'), parameter('id')))
        .selectFrom('changed')
        .select(taskColumns)
        .select((task) => task.lit<boolean>(true).as('is_done'))
        .unionAll((query) => query.selectFrom('untouched').selectAll()),
    );
  },
);

export interface DeleteArgs extends TaskKey {
  ifVersion: number | undefined;
}

/** The statement that deletes; its last column says whether it did. */
export const deleteTaskStatement = memoize((hasVersion: boolean): Statement<DeleteArgs> =>
  createStatement(`task_delete${hasVersion ? '_if_version' : ''}`, (db, parameter) =>
    db
      .with('deleted', (query) =>
        query
          .deleteFrom('tasks')
          .where('user_id', '=', parameter('userId'))
          .where('id', '=', parameter('id'))
          .$if(hasVersion, (deletion) => deletion.where(isVersion(parameter('ifVersion')!)))
          .returning(taskColumns),
      )
      .with('untouched', (query) => findUntouched(query, 'deleted', parameter('userId'), parameter('id')))
      .selectFrom('deleted')
      .select(taskColumns)
      .select((task) => task.lit<boolean>(true).as('is_done'))
      .unionAll((query) => query.selectFrom('untouched').selectAll()),
  ),
);

/** Every statement there is on tasks; most of them are only made when they are first needed. */
export function allTaskStatements(): Pick<Statement<never>, 'name' | 'text'>[] {
  const either = [false, true];
  const fields = either.flatMap((title) =>
    either.flatMap((description) => either.map((completed) => [title, description, completed] as const)),
  );
  return [
    createTaskStatement,
    getTaskStatement,
    getTasksStatement,
    ...(['newest', 'oldest'] as const).flatMap((order) =>
      either.flatMap((hasFilter) => either.map((hasCursor) => listTasksStatement(order, hasFilter, hasCursor))),
    ),
    ...fields.flatMap((some) => either.map((hasVersion) => updateTaskStatement(...some, hasVersion))),
    ...either.map((hasVersion) => deleteTaskStatement(hasVersion)),
  ];
}

/** A version that no task can have is not wrong, only never the task's. */
const isVersion = (version: number) => sql<boolean>`version = ${version}::bigint`;

/**
 * The task where the change before has not touched it. The lock, and none weaker, shows it as it is by now: the change may have
 * waited for another writer, of whom what the statement sees by itself knows nothing.
 */
function findUntouched(
  query: QueryCreator<Tables & Record<'changed' | 'deleted', Pick<Tables['tasks'], 'id'>>>,
  change: 'changed' | 'deleted',
  userId: string,
  id: string,
) {
  return query
    .selectFrom('tasks')
    .select(taskColumns)
    .select((task) => task.lit<boolean>(false).as('is_done'))
    .where('user_id', '=', userId)
    .where('id', '=', id)
    .where(({ not, exists, selectFrom }) => not(exists(selectFrom(change).select('id'))))
    .forShare();
}

function memoize<Key extends readonly (string | boolean)[], Made>(make: (...key: Key) => Made): (...key: Key) => Made {
  const made = new Map<string, Made>();
  return (...key) => {
    const name = key.join();
    const known = made.get(name) ?? make(...key);
    made.set(name, known);
    return known;
  };
}
