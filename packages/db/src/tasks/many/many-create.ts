import { hash } from 'node:crypto';
import { mapInSlices } from '@holdfast/operation';
import { createEndPositions } from '@holdfast/task-values';
import { sql } from 'kysely';
import { ListNotFoundError } from '../../lists/errors.ts';
import { readTexts } from '../../records/fields.ts';
import { createIdAndTime } from '../../records/new-id.ts';
import { createStatement, type TextRow } from '../../scope/prepared-statement.ts';
import type { UserScope } from '../../scope/user-scope.ts';
import { findPrior } from '../../writes/conditions.ts';
import { toJsonArray } from '../../writes/json-array.ts';
import { hashRequestJson, toSortedJson } from '../../writes/request-hash.ts';
import { runWrite } from '../../writes/run-write.ts';
import { areTooLarge, assertSize } from '../../writes/size-limit.ts';
import { hasList } from '../conditions.ts';
import type { NewTask } from '../create-task.ts';
import { TaskConflictError, TaskNotFoundError } from '../errors.ts';
import {
  taskJsonBytes,
  taskColumns,
  type TaskRecord,
  toColumnValues,
  toSearch,
  withInitialValues,
  writableColumns,
} from '../record.ts';
import { logTasksStatement, type ManyArgs, pickTasks, readManyRows } from './many-rows.ts';

interface CreateArgs extends ManyArgs {
  /** The tasks as JSON, with the columns of `item`. */
  items: string;
}

/** The columns of a new task, each with its type. */
const itemColumns: { column: string; type: string }[] = [
  ...writableColumns,
  { column: 'id', type: 'uuid' },
  { column: 'completed_at', type: 'timestamptz' },
  { column: 'created_at', type: 'timestamptz' },
  { column: 'search', type: 'text' },
];
const valueColumns = writableColumns.map(({ column }) => column).filter((column) => column !== 'position');
const valuesOf = (table: 'item' | 'task') => sql.join(valueColumns.map((column) => sql.ref(`${table}.${column}`)));

interface State {
  prior_hash: string | null;
  has_lists: boolean;
  /** The tasks that an earlier call has created and that are purged. */
  purged: string[];
  /** Whether the existing tasks are too large. The limit of a request's body bounds the new ones. */
  is_too_large: boolean;
  is_ready: boolean;
}

/**
 * Creates all tasks or, if one of them cannot be created, no task. Tasks that exist with the same values count as created. The
 * column `differs` is true for existing tasks with other values.
 */
export const createTasksStatement = createStatement<CreateArgs>(
  'tasks_create',
  (db, { value }) => {
    const userId = value('userId');
    const types = itemColumns.map(({ column, type }) => sql`${sql.ref(column)} ${sql.raw(type)}`);
    return db
      .with('prior', (query) => findPrior(query, userId, value('operationId')))
      .with(
        (cte) => cte('item').materialized(),
        () =>
          sql<{
            id: string;
          }>`(select * from jsonb_to_recordset(${value('items')}::jsonb) as item (${sql.join(types)}, has_position boolean))`,
      )
      .with(
        (cte) => cte('existing').materialized(),
        () => sql<{ id: string }>`(select task.*, (${valuesOf('item')}) is distinct from (${valuesOf('task')})
            or (item.has_position and item.position <> task.position) as differs
          from item cross join lateral (
            select ${sql.join(taskColumns.map((column) => sql.ref(column)))} from public.tasks
            where user_id = ${userId}::uuid and tasks.id = item.id limit 1
          ) as task)`,
      )
      .with(
        (cte) => cte('state').materialized(),
        () => sql<State>`(select *, prior_hash is null and has_lists and purged = '{}' and not is_too_large
            and not exists (select from existing where differs) as is_ready
          from (
            select (select request_hash from prior) as prior_hash,
              not exists (select from (select distinct list_id from item) as wanted
                where not ${hasList(userId, sql.ref('wanted.list_id'))}) as has_lists,
              array(select id from item where id not in (select id from existing) and (
                select true from public.changes where user_id = ${userId}::uuid and operation_id = item.id limit 1
              )) as purged,
              (select ${areTooLarge} from (select ${taskJsonBytes} as bytes from existing) as measured) as is_too_large
            offset 0
          ) as conditions)`,
      )
      .with('created', (query) =>
        query
          .insertInto('tasks')
          .columns([
            ...(itemColumns.map(({ column }) => column) as 'id'[]),
            ...(['user_id', 'updated_at', 'is_folded', 'revision'] as const),
          ])
          .expression((from) =>
            from
              .selectFrom('users')
              .innerJoin('item', (join) => join.onTrue())
              .select(itemColumns.map(({ column }) => sql.ref(`item.${column}`).as(column)))
              .select([
                'users.id as user_id',
                sql.ref('item.created_at').as('updated_at'),
                sql`true`.as('is_folded'),
                'users.revision',
              ])
              .where('users.id', '=', userId)
              .where(sql<boolean>`(select is_ready from state)`)
              .where(sql<boolean>`item.id not in (select id from existing)`),
          )
          .returning(taskColumns),
      )
      .selectFrom('state')
      .leftJoin(
        sql<Record<(typeof taskColumns)[number] | 'differs', string>>`(select *, false as differs from created union all
          select * from existing where not (select is_too_large from state))`.as('task'),
        (join) => join.onTrue(),
      )
      .select(taskColumns.map((column) => `task.${column}` as const))
      .select(['prior_hash', 'has_lists', 'purged', 'is_too_large', 'task.differs']);
  },
  { isIdempotent: true },
);

/**
 * Creates several tasks. If one of them cannot be created, it creates no task. Default positions follow the order of the items.
 *
 * If the user has created these tasks before, it returns their current values and creates nothing. So a caller can repeat a call
 * in which each item has an ID.
 *
 * @returns The tasks, in the order of the items.
 * @throws ListNotFoundError
 * @throws TaskConflictError if a task with one of the IDs has other content; `current` is that task.
 * @throws TaskNotFoundError with the IDs of tasks that were created before and are purged.
 * @throws TooManyTasksError if the tasks exist and together are too large.
 */
export async function createTasks(scope: UserScope, items: readonly NewTask[]): Promise<{ items: TaskRecord[] }> {
  const newTasks = await toNewTasks(items);
  const ids = newTasks.map(({ id }) => id);
  const args: CreateArgs = {
    userId: scope.userId,
    ids,
    operationId: toOperationId(ids),
    requestHash: hashRequestJson('task.createMany', toJsonArray(newTasks.toSorted(byId).map(({ request }) => request))),
    items: toJsonArray(newTasks.map(({ row }) => row)),
  };
  const rows = await runWrite(scope, { statement: createTasksStatement, args }, { statement: logTasksStatement, args });
  return { items: await toCreated(rows, args) };
}

interface CreatedTask {
  id: string;
  /** Sorted JSON of what the caller has asked for. */
  request: string;
  /** The item of the statement, as JSON. */
  row: string;
}

function toNewTasks(items: readonly NewTask[]): Promise<CreatedTask[]> {
  const positions = createEndPositions(Date.now(), items.length);
  return mapInSlices(items, ({ id: givenId, ...given }, at) => {
    const { id: newId, createdAt } = createIdAndTime();
    const id = givenId?.toLowerCase() ?? newId;
    const values = withInitialValues({ ...given, position: given.position ?? positions[at] });
    const row = {
      ...toColumnValues(values),
      id,
      completed_at: values.completed ? createdAt : null,
      created_at: createdAt,
      search: toSearch(values),
      has_position: given.position !== undefined,
    };
    const request = { ...values, id, position: given.position };
    return { id, request: toSortedJson(request), row: JSON.stringify(row) };
  });
}

const byId = (one: { id: string }, other: { id: string }) => (one.id < other.id ? -1 : 1);

/** The UUID (version 8) that all calls with these task IDs have. */
function toOperationId(ids: readonly string[]): string {
  const digest = hash('sha256', `task.createMany ${ids.toSorted().join()}`, 'hex');
  const parts = [digest.slice(0, 8), digest.slice(8, 12), `8${digest.slice(13, 16)}`, `8${digest.slice(17, 20)}`];
  return [...parts, digest.slice(20, 32)].join('-');
}

async function toCreated(rows: readonly TextRow[], args: CreateArgs): Promise<TaskRecord[]> {
  const { tasks, flags } = await readManyRows(rows);
  const [priorHash, hasLists, purged, tooLarge] = flags as [string | null, string, string, string];
  assertSize(tooLarge);
  const differing = new Set(rows.filter((row) => row.at(-1) === 't').map(([id]) => id));
  const isOther = priorHash !== null && priorHash !== args.requestHash;
  if (isOther || (priorHash === null && differing.size > 0)) {
    const id = args.ids.find((one) => differing.has(one)) ?? args.ids.find((one) => tasks.has(one));
    throw new TaskConflictError('Another task has this ID. Use a new ID.', tasks.get(id!) ?? null);
  }
  if (priorHash === null && purged !== '{}') throw new TaskNotFoundError(readTexts(purged));
  if (priorHash === null && hasLists === 'f') throw new ListNotFoundError('listId');
  return pickTasks(tasks, args.ids);
}
