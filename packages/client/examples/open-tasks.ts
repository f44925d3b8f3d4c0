import type { Replica } from '@holdfast/client/replica';
import { holdfastCollectionOptions } from '@holdfast/client/tanstack-db';
import { createCollection, createLiveQueryCollection, eq } from '@tanstack/db';

/** Shows the titles of the open tasks after each change. Returns a function that completes a task. */
export function showOpenTasks(replica: Replica, show: (titles: string[]) => void): (id: string) => void {
  const tasks = createCollection(holdfastCollectionOptions(replica, 'tasks'));
  const open = createLiveQueryCollection((query) =>
    query
      .from({ task: tasks })
      .where(({ task }) => eq(task.completed, false))
      .orderBy(({ task }) => task.position, { stringSort: 'lexical' }),
  );
  open.subscribeChanges(() => show(open.toArray.map(({ title }) => title)), { includeInitialState: true });
  return (id) => tasks.update(id, (task) => void (task.completed = true));
}
