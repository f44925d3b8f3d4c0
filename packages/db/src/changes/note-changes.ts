import type { EntityManager } from '@mikro-orm/postgresql';

/** Most IDs in one row of the log. */
const idsMax = 10_000;

export interface NotedChanges {
  userId: string;
  /** The tasks that were created, changed or removed. */
  taskIds?: readonly string[];
  /** The same for lists. */
  listIds?: readonly string[];
}

/**
 * Takes the next revision of a user and logs changes, for change feeds. On PostgreSQL, triggers do this for every change by
 * other code. Call it in the same transaction as the changes if the database has no triggers, or if rows were copied with their
 * `revision`, such as by a restore by hand.
 *
 * @param em The entity manager of `acrossAllUsers` with `write: true`, or of a user's transaction.
 */
export async function noteChanges(em: EntityManager, changes: NotedChanges): Promise<void> {
  const { userId, taskIds = [], listIds = [] } = changes;
  const parts = Math.max(Math.ceil(taskIds.length / idsMax), Math.ceil(listIds.length / idsMax));
  for (let part = 0; part < parts; part++) {
    const ofPart = (ids: readonly string[]) => toArray(ids.slice(part * idsMax, (part + 1) * idsMax));
    // The lock lasts until the end of the transaction, so that no reader can see a later revision before this one.
    await em.execute('update users set revision = revision + 1 where id = ?', [userId]);
    await em.execute(
      `insert into changes (user_id, revision, at, task_ids, list_ids)
      select id, revision, now(), ?::text::uuid[], ?::text::uuid[] from users where id = ?`,
      [ofPart(taskIds), ofPart(listIds), userId],
    );
  }
}

const toArray = (ids: readonly string[]) => `{${ids.join()}}`;
