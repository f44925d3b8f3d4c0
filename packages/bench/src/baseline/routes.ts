import { randomUUID } from 'node:crypto';
import type { Pool, QueryResultRow } from 'pg';
import type { BenchTask } from '../operations.ts';

/** Returns tRPC's response body; undefined if the task does not exist. */
type Route = (userId: string, input: never) => Promise<unknown>;

const columns = `id, title, description, completed, completed_at as "completedAt",
  created_at as "createdAt", updated_at as "updatedAt", version`;

const listText = `select ${columns} from tasks where user_id = $1
  order by created_at desc, id desc limit $2`;
const getText = `select ${columns} from tasks where user_id = $1 and id = $2`;
const batchText = `select task.* from unnest($2::uuid[]) as wanted (id)
  cross join lateral (select ${columns} from tasks where user_id = $1 and id = wanted.id limit 1) as task`;
const createText = `insert into tasks (user_id, id, title) values ($1, $2, $3) returning ${columns}`;
const updateText = `update tasks set title = $3, updated_at = now(), version = version + 1
  where user_id = $1 and id = $2 returning ${columns}`;
const deleteText = 'delete from tasks where user_id = $1 and id = $2 returning id';

const wrap = (data: unknown) => (data === undefined ? undefined : { result: { data } });

/** Routes by tRPC procedure name. Each route runs one named statement. */
export function createRoutes(pool: Pool): Record<string, Route> {
  async function query<Row extends QueryResultRow>(name: string, text: string, values: unknown[]): Promise<Row[]> {
    return (await pool.query<Row>({ name, text, values })).rows;
  }

  return {
    async 'task.list'(userId, { limit }: { limit: number }) {
      const rows = await query<BenchTask>('list', listText, [userId, limit + 1]);
      const items = rows.slice(0, limit);
      const last = rows.length > limit ? items.at(-1) : undefined;
      return wrap({ items, nextCursor: last === undefined ? null : btoa(`${last.createdAt} ${last.id}`) });
    },
    async 'task.get'(userId, { id }: { id: string }) {
      return wrap((await query('get', getText, [userId, id]))[0]);
    },
    async 'task.batch'(userId, inputs: Record<string, { id: string }>) {
      const ids = Object.values(inputs).map(({ id }) => id);
      const rows = await query<BenchTask>('batch', batchText, [userId, ids]);
      const byId = new Map(rows.map((task) => [task.id, task]));
      return ids.map((id) => wrap(byId.get(id)));
    },
    async 'task.create'(userId, { title }: { title: string }) {
      return wrap((await query('create', createText, [userId, randomUUID(), title]))[0]);
    },
    async 'task.update'(userId, { id, title }: { id: string; title: string }) {
      return wrap((await query('update', updateText, [userId, id, title]))[0]);
    },
    async 'task.delete'(userId, { id }: { id: string }) {
      return wrap((await query('delete', deleteText, [userId, id]))[0]);
    },
  };
}
