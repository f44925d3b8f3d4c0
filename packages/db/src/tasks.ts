import type { QueryCreator, Selectable } from 'kysely';
import { v7 } from 'uuid';
import { TaskConflictError, TaskNotFoundError } from './errors.ts';
import type { Tables } from './tables.ts';
import { toIsoTime } from './tables.ts';
import { createCursor, parseCursor } from './task-cursor.ts';
import type { UserScope } from './user-scope.ts';

/** A task as its owner sees it. Times are ISO 8601 in UTC with milliseconds. */
export interface TaskRecord {
  id: string;
  title: string;
  description: string | null;
  completed: boolean;
  completedAt: string | null;
  createdAt: string;
  updatedAt: string;
  /** Starts at 1 and goes up by one with each change. */
  version: number;
}

export interface NewTask {
  /** A UUID of the caller's choice; without it the task gets a UUIDv7. */
  id?: string | undefined;
  title: string;
  description?: string | null | undefined;
  completed?: boolean | undefined;
}

export interface TaskChange {
  id: string;
  title?: string | undefined;
  description?: string | null | undefined;
  completed?: boolean | undefined;
  /** Change the task only if it is still at this version. */
  ifVersion?: number | undefined;
}

export interface TaskQuery {
  /** How many tasks at the most. */
  limit: number;
  /** The `nextCursor` of the page before. */
  cursor?: string | undefined;
  /** Only tasks that are completed, or only those that are not. */
  completed?: boolean | undefined;
  /** By time of creation, ties by id. */
  order: 'newest' | 'oldest';
}

export interface TaskPage {
  items: TaskRecord[];
  /** Null exactly when there is no further task. */
  nextCursor: string | null;
}

type TaskRow = Omit<Selectable<Tables['tasks']>, 'user_id'>;

const taskColumns = [
  'id',
  'title',
  'description',
  'completed',
  'completed_at',
  'created_at',
  'updated_at',
  'version',
] as const;

/**
 * Keeps a new task. Asked again with an id that the user's tasks already hold, it changes nothing and gives back the
 * stored task, so that a create may be repeated safely.
 *
 * @throws TaskConflictError when the task with that id has another content.
 */
export async function createTask(scope: UserScope, input: NewTask): Promise<TaskRecord> {
  // One clock reading gives id and time, so that the order of creation is the order of the ids made here.
  const fresh = v7();
  const createdAt = timeOf(fresh);
  const { title, description = null, completed = false } = input;
  const [row] = await scope.run((db) =>
    db
      .with('owner', (query) =>
        query
          .insertInto('users')
          .values({ id: scope.userId, ...scope.profile })
          .onConflict((conflict) => conflict.column('id').doNothing()),
      )
      .insertInto('tasks')
      .values({
        user_id: scope.userId,
        id: input.id ?? fresh,
        title,
        description,
        completed,
        completed_at: completed ? createdAt : null,
        created_at: createdAt,
        updated_at: createdAt,
      })
      // Where the id is taken this writes the row as it is: only so does the statement return it, whoever came first.
      .onConflict((conflict) =>
        conflict.columns(['user_id', 'id']).doUpdateSet((row) => ({ version: row.ref('tasks.version') })),
      )
      .returning(taskColumns),
  );
  const task = toTask(row!);
  if (task.title !== title || task.description !== description || task.completed !== completed) {
    throw new TaskConflictError('There is already another task with this id.', task);
  }
  return task;
}

/** @throws TaskNotFoundError */
export async function getTask(scope: UserScope, input: { id: string }): Promise<TaskRecord> {
  const [row] = await scope.run((db) =>
    db.selectFrom('tasks').select(taskColumns).where('user_id', '=', scope.userId).where('id', '=', input.id),
  );
  if (row === undefined) throw new TaskNotFoundError();
  return toTask(row);
}

/**
 * One page of the user's tasks. A task that nobody touches is neither skipped nor repeated from page to page, whatever
 * is written meanwhile.
 *
 * @throws InvalidCursorError for a cursor of another user, filter or order, or one that was not made here.
 */
export async function listTasks(scope: UserScope, query: TaskQuery): Promise<TaskPage> {
  const list = `${scope.userId} ${query.completed} ${query.order}`;
  const after = query.cursor === undefined ? undefined : parseCursor(scope.cursorKey, list, query.cursor);
  const [comparison, direction] = query.order === 'newest' ? (['<', 'desc'] as const) : (['>', 'asc'] as const);
  const rows = await scope.run((db) => {
    let page = db.selectFrom('tasks').select(taskColumns).where('user_id', '=', scope.userId);
    if (query.completed !== undefined) page = page.where('completed', '=', query.completed);
    if (after !== undefined) {
      page = page.where(({ eb, refTuple, tuple }) =>
        eb(refTuple('created_at', 'id'), comparison, tuple(after.createdAt, after.id)),
      );
    }
    // One more than asked for tells whether there is a further page.
    return page
      .orderBy('created_at', direction)
      .orderBy('id', direction)
      .limit(query.limit + 1);
  });
  const items = rows.slice(0, query.limit).map(toTask);
  const last = items.at(-1);
  const hasMore = rows.length > query.limit && last !== undefined;
  return { items, nextCursor: hasMore ? createCursor(scope.cursorKey, list, last) : null };
}

/**
 * Changes the fields that are given and no others; `null` clears. What makes no difference leaves `updatedAt` and
 * `version` as they are.
 *
 * @throws TaskNotFoundError
 * @throws TaskConflictError when the task is no longer at `ifVersion`.
 */
export async function updateTask(scope: UserScope, input: TaskChange): Promise<TaskRecord> {
  const { id, ifVersion } = input;
  const fields = changedFields(input);
  const changedAt = new Date().toISOString();
  const [row] = await scope.run((db) =>
    db
      .with('stored', (query) => lockTask(query, scope.userId, id))
      .with('changed', (query) =>
        query
          .updateTable('tasks')
          .from('stored')
          .set((task) => ({
            ...fields,
            ...(fields.completed === true && {
              completed_at: task.fn.coalesce('tasks.completed_at', task.val(changedAt)),
            }),
            ...(fields.completed === false && { completed_at: null }),
            updated_at: task.fn<string>('greatest', ['tasks.updated_at', task.val(changedAt)]),
            version: task('tasks.version', '+', 1),
          }))
          .where('tasks.user_id', '=', scope.userId)
          .where('tasks.id', '=', id)
          .where('stored.version', '=', (task) =>
            ifVersion === undefined ? task.ref('stored.version') : task.val(ifVersion),
          )
          .where(({ eb, or }) =>
            or([
              ...(fields.title === undefined ? [] : [eb('stored.title', 'is distinct from', fields.title)]),
              ...(fields.description === undefined
                ? []
                : [eb('stored.description', 'is distinct from', fields.description)]),
              ...(fields.completed === undefined ? [] : [eb('stored.completed', 'is distinct from', fields.completed)]),
            ]),
          )
          .returning(taskColumns.map((column) => `tasks.${column}` as const)),
      )
      .selectFrom('changed')
      .select(taskColumns)
      .select((task) => task.lit<boolean>(true).as('is_changed'))
      .unionAll((query) =>
        query
          .selectFrom('stored')
          .select(taskColumns)
          .select((task) => task.lit<boolean>(false).as('is_changed'))
          .where(({ not, exists, selectFrom }) => not(exists(selectFrom('changed').select('id')))),
      ),
  );
  if (row === undefined) throw new TaskNotFoundError();
  if (!row.is_changed) assertVersion(row, ifVersion);
  return toTask(row);
}

/**
 * @throws TaskNotFoundError
 * @throws TaskConflictError when the task is no longer at `ifVersion`.
 */
export async function deleteTask(
  scope: UserScope,
  input: { id: string; ifVersion?: number | undefined },
): Promise<{ id: string }> {
  const { id, ifVersion } = input;
  const [row] = await scope.run((db) =>
    db
      .with('stored', (query) => lockTask(query, scope.userId, id))
      .with('deleted', (query) =>
        query
          .deleteFrom('tasks')
          .using('stored')
          .where('tasks.user_id', '=', scope.userId)
          .where('tasks.id', '=', id)
          .$if(ifVersion !== undefined, (deletion) => deletion.where('stored.version', '=', ifVersion!))
          .returning('tasks.id'),
      )
      .selectFrom('stored')
      .select(taskColumns)
      .select(({ exists, selectFrom }) => exists(selectFrom('deleted').select('id')).as('is_deleted')),
  );
  if (row === undefined) throw new TaskNotFoundError();
  if (!row.is_deleted) assertVersion(row, ifVersion);
  return { id: row.id };
}

/** Locking first shows the row as it is once earlier writers are done, and keeps it so until this statement ends. */
function lockTask(query: QueryCreator<Tables>, userId: string, id: string) {
  return query.selectFrom('tasks').select(taskColumns).where('user_id', '=', userId).where('id', '=', id).forUpdate();
}

function assertVersion(row: TaskRow, ifVersion: number | undefined): void {
  if (ifVersion !== undefined && row.version !== ifVersion) {
    throw new TaskConflictError(`The task is at version ${row.version}, not ${ifVersion}.`, toTask(row));
  }
}

function changedFields({ title, description, completed }: TaskChange) {
  return {
    ...(title !== undefined && { title }),
    ...(description !== undefined && { description }),
    ...(completed !== undefined && { completed }),
  };
}

function timeOf(uuidV7: string): string {
  return new Date(Number.parseInt(uuidV7.slice(0, 8) + uuidV7.slice(9, 13), 16)).toISOString();
}

function toTask(row: TaskRow): TaskRecord {
  return {
    id: row.id,
    title: row.title,
    description: row.description,
    completed: row.completed,
    completedAt: row.completed_at === null ? null : toIsoTime(row.completed_at),
    createdAt: toIsoTime(row.created_at),
    updatedAt: toIsoTime(row.updated_at),
    version: row.version,
  };
}
