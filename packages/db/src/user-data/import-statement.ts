import { type QueryCreator, type RawBuilder, sql } from 'kysely';
import { maxLists } from '../lists/conditions.ts';
import { writableListColumns } from '../lists/record.ts';
import type { Tables } from '../schema/row-types.ts';
import { createStatement } from '../scope/prepared-statement.ts';
import { isGivenTask, selectIds } from '../tasks/many/many-rows.ts';
import { writableColumns } from '../tasks/record.ts';
import { createLogStatement } from '../writes/log.ts';
import type { OperationArgs } from '../writes/operation.ts';

export interface ImportArgs extends OperationArgs {
  userId: string;
  /** The rows as JSON, with the columns of `itemColumns`. */
  lists: string;
  tasks: string;
  listIds: readonly string[];
  taskIds: readonly string[];
}

type Columns = readonly { column: string; type: string }[];

const toTimes = (...columns: string[]) => columns.map((column) => ({ column, type: 'timestamptz' }));
const unique = [
  { column: 'id', type: 'uuid' },
  { column: 'version', type: 'integer' },
];

/** The columns with the content of a row. An existing row with other values in them is a conflict. */
const content = {
  lists: [
    ...writableListColumns.map((column) => ({ column, type: 'text' })),
    ...toTimes('archived_at', 'created_at', 'deleted_at'),
  ],
  tasks: [...writableColumns, ...toTimes('completed_at', 'created_at', 'deleted_at')],
} satisfies Record<string, Columns>;

/** The columns that an import writes. */
const written = {
  lists: [...content.lists, ...unique, ...toTimes('updated_at')],
  tasks: [
    ...content.tasks,
    ...unique,
    ...toTimes('updated_at'),
    { column: 'search', type: 'text' },
    { column: 'is_folded', type: 'boolean' },
  ],
} satisfies Record<string, Columns>;

/** The rows of the input: also with their index in it, and with the names of the columns that the caller has given. */
function selectItems(json: unknown, columns: Columns): RawBuilder<{ id: string }> {
  const more = [
    { column: 'at', type: 'integer' },
    { column: 'given', type: 'text[]' },
  ];
  const types = [...columns, ...more].map(({ column, type }) => sql`${sql.ref(column)} ${sql.raw(type)}`);
  return sql`(select * from jsonb_to_recordset(${json}::jsonb) as item (${sql.join(types)}))`;
}

/** The given IDs that exist. Looks up each one in the primary key. */
function selectExisting(userId: unknown, table: 'lists' | 'tasks'): RawBuilder<{ id: string }> {
  const columns = content[table].map(({ column }) => column);
  const differences = columns.map(
    (column) =>
      sql`(${sql.lit(column)} = any (item.given) and ${sql.ref(`item.${column}`)} is distinct from ${sql.ref(`stored.${column}`)})`,
  );
  return sql`(select item.id, (${sql.join(differences, sql` or `)}) as differs from ${sql.ref(`new_${table}`)} as item
    cross join lateral (
      select ${sql.join(columns.map((column) => sql.ref(column)))} from public.${sql.ref(table)} as each
      where user_id = ${userId}::uuid and each.id = item.id limit 1
    ) as stored)`;
}

interface State {
  /** Index of the first new task whose list does not exist. */
  missing: number | null;
  has_too_many_lists: boolean;
  is_ready: boolean;
}

/** A task in the trash may be in a list in the trash. */
const isOpenFor = (list: string) => sql`(item.deleted_at is not null or ${sql.ref(`${list}.deleted_at`)} is null)`;

const selectState = (userId: unknown) => sql<State>`(select *, missing is null and not has_too_many_lists as is_ready
  from (
    select (
      select min(item.at) from new_tasks as item
      where item.list_id is not null and item.id not in (select id from existing_tasks)
        and not exists (select from new_lists as list
          where list.id = item.list_id and list.id not in (select id from existing_lists) and ${isOpenFor('list')})
        and not exists (select from public.lists as list
          where list.user_id = ${userId}::uuid and list.id = item.list_id and ${isOpenFor('list')})
    ) as missing, (
      select count(*) > 0 and count(*) + (
        select count(*) from public.lists where user_id = ${userId}::uuid and deleted_at is null
      ) > ${sql.lit(maxLists)}
      from new_lists where deleted_at is null and id not in (select id from existing_lists)
    ) as has_too_many_lists
    offset 0
  ) as conditions)`;

const toValues = (columns: Columns) => columns.map(({ column }) => sql.ref(`item.${column}`).as(column));
const toNames = (columns: Columns) => columns.map(({ column }) => column as 'id');

/** Creates the rows of the input whose IDs do not exist, if the state permits it. */
const insertNew = (query: QueryCreator<Tables>, table: 'lists' | 'tasks', userId: string) =>
  query
    .insertInto(table)
    .columns([...toNames(written[table]), 'user_id', 'revision'])
    .expression((from) =>
      from
        .selectFrom('users')
        .innerJoin(sql<{ id: string }>`${sql.ref(`new_${table}`)}`.as('item'), (join) => join.onTrue())
        .select(toValues(written[table]))
        .select(['users.id as user_id', 'users.revision'])
        .where('users.id', '=', userId)
        .where(sql<boolean>`(select is_ready from state)`)
        .where(sql<boolean>`item.id not in (select id from ${sql.ref(`existing_${table}`)})`),
    )
    .returning('id');

/** Creates all rows whose IDs do not exist, or none. Returns one row: the problems, the numbers, and the differing IDs. */
export const importDataStatement = createStatement<ImportArgs>(
  'user_import',
  (db, { value }) => {
    const userId = value('userId');
    return db
      .with(
        (cte) => cte('new_lists').materialized(),
        () => selectItems(value('lists'), written.lists),
      )
      .with(
        (cte) => cte('new_tasks').materialized(),
        () => selectItems(value('tasks'), written.tasks),
      )
      .with(
        (cte) => cte('existing_lists').materialized(),
        () => selectExisting(userId, 'lists'),
      )
      .with(
        (cte) => cte('existing_tasks').materialized(),
        () => selectExisting(userId, 'tasks'),
      )
      .with(
        (cte) => cte('state').materialized(),
        () => selectState(userId),
      )
      .with('created_lists', (query) => insertNew(query, 'lists', userId))
      .with('created_tasks', (query) => insertNew(query, 'tasks', userId))
      .selectFrom('state')
      .select([
        'missing',
        'has_too_many_lists',
        sql<number>`(select count(*) from created_lists) + (select count(*) from created_tasks)`.as('created'),
        sql<string[]>`array(select id from existing_lists where differs order by id)`.as('differing_lists'),
        sql<string[]>`array(select id from existing_tasks where differs order by id)`.as('differing_tasks'),
      ]);
  },
  { isIdempotent: true },
);

/** Logs the rows that the import has created. */
export const logImportStatement = createLogStatement<ImportArgs>('log_user_import', {
  tasks: ({ value }) => isGivenTask(value('taskIds')),
  lists: ({ value }) => sql`id in (${selectIds(value('listIds'))})`,
  isAccepted: () => sql<boolean>`false`,
});
