import { randomUUID } from 'node:crypto';
import { asTools, openFixture } from '../fixture.ts';

export interface LogRow {
  revision: number;
  tasks: string[];
  lists: string[];
}

/** Opens a database with functions for users and their logs. */
export async function openLogFixture() {
  const { db, sql, url } = await openFixture();
  return {
    db,
    sql,
    url,
    async createUser(): Promise<string> {
      const id = randomUUID();
      await asTools(sql, 'insert into users (id) values ($1)', [id]);
      return id;
    },
    /** The rows of the log in order, with sorted IDs. */
    async readLog(user: string): Promise<LogRow[]> {
      const { rows } = await asTools(
        sql,
        `select revision::int, array(select unnest(task_ids) order by 1)::text[] as tasks,
          array(select unnest(list_ids) order by 1)::text[] as lists
        from changes where user_id = $1 order by revision`,
        [user],
      );
      return rows;
    },
  };
}
