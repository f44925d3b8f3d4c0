import type { Holdfast, Task } from '@holdfast/client';

/** Shows all tasks, also after changes of other devices, until the signal is aborted. `show` renders the tasks. */
export async function showLive(holdfast: Holdfast, show: (tasks: Task[]) => void, signal: AbortSignal): Promise<void> {
  const tasks = new Map<string, Task>();
  let arriving: Set<string> | null = null;
  for await (const page of holdfast.changes.watch({}, { signal })) {
    // The stream begins with a copy of all tasks. A new copy follows if the database was restored.
    if (page.isReset || tasks.size === 0) arriving = new Set();
    for (const task of page.tasks) {
      arriving?.add(task.id);
      if (task.deletedAt === null) tasks.set(task.id, task);
      else tasks.delete(task.id);
    }
    for (const { kind, id } of page.removed) if (kind === 'task') tasks.delete(id);
    if (page.hasMore) continue;
    // The copy is complete. What did not arrive does not exist any more.
    if (arriving) for (const id of tasks.keys()) if (!arriving.has(id)) tasks.delete(id);
    arriving = null;
    show([...tasks.values()]);
  }
}
