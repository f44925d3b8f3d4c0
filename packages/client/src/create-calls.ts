import type { AppRouter } from '@holdfast/api/client';
import type { TRPCClient } from '@trpc/client';
import type { Calls, WriteOptions } from './calls.ts';
import type { Watch } from './changes/lazy-watch.ts';

function toWriteOptions({ signal, keepalive }: WriteOptions = {}) {
  return { ...(signal && { signal }), ...(keepalive && { context: { keepalive } }) };
}

/** Yields all pages, and requests each one when it is needed. */
async function* readPages<Page extends { nextCursor: string | null }>(
  read: (start: { cursor?: string }) => Promise<Page>,
): AsyncGenerator<Page, void, void> {
  let cursor: string | null | undefined;
  do {
    const page = await read(cursor ? { cursor } : {});
    yield page;
    cursor = page.nextCursor;
  } while (cursor !== null);
}

/** The procedures as plain functions, without tRPC's `query` and `mutate`. */
export function createCalls(trpc: TRPCClient<AppRouter>, watch: Watch): Calls {
  const { task, trash, list, label, user, changes, calendar } = trpc;
  return {
    task: {
      create: (input, options) => task.create.mutate(input, toWriteOptions(options)),
      list: (input, options) => task.list.query(input, options),
      async *listAll(input, options) {
        const pages = readPages((start) => task.list.query({ limit: 100, ...input, ...start }, options));
        for await (const { items } of pages) yield* items;
      },
      count: (input, options) => task.count.query(input, options),
      get: (input, options) => task.get.query(input, options),
      update: (input, options) => task.update.mutate(input, toWriteOptions(options)),
      delete: (input, options) => task.delete.mutate(input, toWriteOptions(options)),
      createMany: (input, options) => task.createMany.mutate(input, toWriteOptions(options)),
      updateMany: (input, options) => task.updateMany.mutate(input, toWriteOptions(options)),
      deleteMany: (input, options) => task.deleteMany.mutate(input, toWriteOptions(options)),
      reorder: (input, options) => task.reorder.mutate(input, toWriteOptions(options)),
    },
    trash: {
      list: (input, options) => trash.list.query(input, options),
      restore: (input, options) => trash.restore.mutate(input, toWriteOptions(options)),
      purge: (input, options) => trash.purge.mutate(input, toWriteOptions(options)),
    },
    list: {
      create: (input, options) => list.create.mutate(input, toWriteOptions(options)),
      list: (options) => list.list.query(undefined, options),
      update: (input, options) => list.update.mutate(input, toWriteOptions(options)),
      delete: (input, options) => list.delete.mutate(input, toWriteOptions(options)),
      restore: (input, options) => list.restore.mutate(input, toWriteOptions(options)),
    },
    label: {
      list: (options) => label.list.query(undefined, options),
      rename: (input, options) => label.rename.mutate(input, toWriteOptions(options)),
    },
    user: {
      me: (options) => user.me.query(undefined, options),
      update: (input, options) => user.update.mutate(input, toWriteOptions(options)),
      export: (input, options) => user.export.query(input, options),
      exportAll: (options) => readPages((start) => user.export.query(start, options)),
      import: (input, options) => user.import.mutate(input, toWriteOptions(options)),
      delete: async (input, options) => void (await user.delete.mutate(input, options)),
    },
    changes: {
      list: (input, options) => changes.list.query(input, options),
      watch,
    },
    calendar: {
      get: (options) => calendar.get.query(undefined, options),
      create: (options) => calendar.create.mutate(undefined, toWriteOptions(options)),
      revoke: async (options) => void (await calendar.revoke.mutate(undefined, toWriteOptions(options))),
    },
  };
}
