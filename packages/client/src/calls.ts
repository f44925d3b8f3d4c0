import type { AppRouter, RouterInputs, RouterOutputs, Task, TaskFilter } from '@holdfast/api/client';
import type { TRPCClient } from '@trpc/client';

type Inputs = RouterInputs['task'];
type Outputs = RouterOutputs['task'];

/** Options of every call. */
export interface CallOptions {
  /** Ends the call with `code: 'ABORTED'`. */
  signal?: AbortSignal;
}

/** Options of `create`, `update` and `delete`. */
export interface WriteOptions extends CallOptions {
  /**
   * True sends the call at once, even if the page is left: for an event such as `visibilitychange`. All such calls that
   * are on their way may have at most 64 KiB. Default: false.
   */
  keepalive?: boolean;
}

export interface ListAllInput extends TaskFilter {
  /** Tasks per request, from 1 to 200. Default: 100. */
  limit?: number | undefined;
}

/** Calls for the tasks of the signed-in user. Every failed call throws a `HoldfastError`. */
export interface TaskCalls {
  /** Creates a task. Without `id`, the client generates one, so that a retry cannot create a second task. */
  create(input: Inputs['create'], options?: WriteOptions): Promise<Task>;
  /** Returns one page of tasks. For all tasks, use `listAll`. */
  list(input?: Inputs['list'], options?: CallOptions): Promise<Outputs['list']>;
  /**
   * Yields all tasks and requests each page when you need it.
   *
   * `for await (const task of holdfast.task.listAll({ completed: false })) …`
   */
  listAll(input?: ListAllInput, options?: CallOptions): AsyncGenerator<Task, void, void>;
  /** Returns the number of tasks that match a filter. */
  count(input?: Inputs['count'], options?: CallOptions): Promise<Outputs['count']>;
  /** Returns a task. Fails with NOT_FOUND if the user has no such task. */
  get(input: Inputs['get'], options?: CallOptions): Promise<Task>;
  /**
   * Changes the given fields. With `ifVersion`, fails with CONFLICT if the task has another version. This client's own
   * updates with `ifVersion` that have not settled yet do not count as another version.
   */
  update(input: Inputs['update'], options?: WriteOptions): Promise<Task>;
  /** Deletes a task. With `ifVersion`, fails with CONFLICT if the task has another version. */
  delete(input: Inputs['delete'], options?: WriteOptions): Promise<Outputs['delete']>;
}

export interface UserCalls {
  /** Returns the signed-in user. */
  me(options?: CallOptions): Promise<RouterOutputs['user']['me']>;
}

function toWriteOptions({ signal, keepalive }: WriteOptions = {}) {
  return { ...(signal && { signal }), ...(keepalive && { context: { keepalive } }) };
}

/** The procedures as plain functions, without tRPC's `query` and `mutate`. */
export function createCalls({ task, user }: TRPCClient<AppRouter>): { task: TaskCalls; user: UserCalls } {
  return {
    task: {
      create: (input, options) => task.create.mutate(input, toWriteOptions(options)),
      list: (input, options) => task.list.query(input, options),
      async *listAll(input, options) {
        let cursor: string | null | undefined;
        do {
          const page = await task.list.query({ limit: 100, ...input, ...(cursor && { cursor }) }, options);
          yield* page.items;
          cursor = page.nextCursor;
        } while (cursor !== null);
      },
      count: (input, options) => task.count.query(input, options),
      get: (input, options) => task.get.query(input, options),
      update: (input, options) => task.update.mutate(input, toWriteOptions(options)),
      delete: (input, options) => task.delete.mutate(input, toWriteOptions(options)),
    },
    user: {
      me: (options) => user.me.query(undefined, options),
    },
  };
}
