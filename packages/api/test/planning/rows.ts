import { randomUUID } from 'node:crypto';
import type { Database } from '@holdfast/db';

export interface TaskRow {
  id: string;
  list_id: string | null;
  deleted_at: string | null;
  labels: string[];
  search: string;
  is_folded: boolean;
  version: number;
}

/** All tasks of a user, also those in the trash, in order of their titles. */
export function readTasks(db: Database, userId: string): Promise<TaskRow[]> {
  return db.acrossAllUsers((em) =>
    em.execute(
      `select id, list_id, deleted_at::text, labels, search, is_folded, version from tasks where user_id = ? order by title`,
      [userId],
    ),
  );
}

/** The ids in the latest row of the log of changes. */
export async function readLatestChange(db: Database, userId: string): Promise<{ tasks: string[]; lists: string[] }> {
  const [row] = await db.acrossAllUsers((em) =>
    em.execute<{ tasks: string[]; lists: string[] }[]>(
      `select task_ids::text[] as tasks, list_ids::text[] as lists from changes where user_id = ?
        order by revision desc limit 1`,
      [userId],
    ),
  );
  return { tasks: row!.tasks.toSorted(), lists: row!.lists };
}

/** Creates many tasks of a list at once. */
export async function insertTasks(db: Database, values: { userId: string; listId: string | null; count: number }) {
  await db.acrossAllUsers(
    (em) =>
      em.execute(
        // On a Citus cluster, only a statement without random values can insert the rows on their node.
        `insert into tasks (user_id, id, title, list_id, labels)
          select users.id, md5(? || number)::uuid, 'task', ?::uuid, '{many}'
          from users cross join generate_series(1, ?::int) as number where users.id = ?`,
        [randomUUID(), values.listId, values.count, values.userId],
      ),
    { write: true },
  );
}
