import type { Holdfast, ListAllInput, Task } from '@holdfast/client';

/** A list that grows page by page. The query contains the filter and the order. */
export function createInfiniteList(holdfast: Holdfast, query: ListAllInput = {}) {
  let tasks = new Map<string, Task>();
  let cursor: string | null | undefined;
  let loading: Promise<void> | undefined;
  let turn: Promise<unknown> = Promise.resolve();

  /** Runs one job at a time, so that no late page arrives in a list that was refreshed. */
  function inTurn(job: () => Promise<void>): Promise<void> {
    const result = turn.then(job);
    turn = result.catch(() => {});
    return result;
  }

  async function addPage(shown: Map<string, Task>, at: string | null | undefined): Promise<string | null> {
    const page = await holdfast.task.list({ ...query, cursor: at });
    for (const task of page.items) {
      // A task that changes its place between two requests can arrive twice. The later one is current.
      shown.delete(task.id);
      shown.set(task.id, task);
    }
    return page.nextCursor;
  }

  return {
    tasks: () => [...tasks.values()],
    hasMore: () => cursor !== null,
    /** Adds the next page. Two scroll events at a time load one page. */
    loadMore() {
      loading ??= inTurn(async () => {
        if (cursor !== null) cursor = await addPage(tasks, cursor);
      }).finally(() => (loading = undefined));
      return loading;
    },
    /** Reads as many tasks as the list shows again. The old ones stay on the screen until all pages have arrived. */
    refresh: () =>
      inTurn(async () => {
        const fresh = new Map<string, Task>();
        let next: string | null | undefined;
        do next = await addPage(fresh, next);
        while (next !== null && fresh.size < tasks.size);
        [tasks, cursor] = [fresh, next];
      }),
  };
}
