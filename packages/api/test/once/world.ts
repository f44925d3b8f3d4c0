import { randomUUID } from 'node:crypto';
import { createUser, openFixture, type Procedures } from '../fixture.ts';

/** A user with three tasks in the list `home`, one of them in the trash, and an empty list in the trash. */
export interface World {
  api: Procedures;
  userId: string;
  home: string;
  old: string;
  ids: string[];
  deleted: string;
}

/** Opens a database for worlds, until the end of the test file. */
export async function openWorlds() {
  const { as, db } = await openFixture();

  async function createWorld(ids?: Pick<World, 'home' | 'old' | 'ids' | 'deleted'>): Promise<World> {
    const caller = createUser();
    const api = as(caller);
    const [home, old, deleted] = [ids?.home ?? randomUUID(), ids?.old ?? randomUUID(), ids?.deleted ?? randomUUID()];
    const taskIds = ids?.ids ?? [randomUUID(), randomUUID()];
    await api.list.create({ id: home, name: 'Home' });
    await api.list.create({ id: old, name: 'Old' });
    await api.list.delete({ id: old });
    for (const id of [...taskIds, deleted]) await api.task.create({ id, title: 'task', listId: home, labels: ['a'] });
    await api.task.delete({ id: deleted });
    return { api, userId: caller.userId, home, old, ids: taskIds, deleted };
  }

  /** Everything that the database has of a user. */
  async function readState({ userId }: World) {
    return db.acrossAllUsers(async (em) => {
      const read = (table: string, order: string) =>
        em.execute<Record<string, unknown>[]>(`select * from ${table} where user_id = ? order by ${order}`, [userId]);
      return {
        tasks: await read('tasks', 'id'),
        lists: await read('lists', 'id'),
        changes: await read('changes', 'revision'),
      };
    });
  }

  return { createWorld, readState };
}
