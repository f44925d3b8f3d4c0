import type { AppRouter, RouterInputs, RouterOutputs } from '@holdfast/api/client';
import type { TRPCClient } from '@trpc/client';

type Inputs = RouterInputs['task'];
type Outputs = RouterOutputs['task'];

/** A task as the server tells it. Times are ISO 8601 in UTC. */
export type Task = Outputs['get'];

/** What every call takes beside its input. */
export interface CallOptions {
  /** Ends the call early, with `code: 'ABORTED'`. */
  signal?: AbortSignal;
}

/** What can be done with the tasks of whoever is signed in. Every failure is a `HoldfastError`. */
export interface TaskCalls {
  /** Makes a task. Its id is made here, so that repeating a lost call makes no second one. */
  create(input: Inputs['create'], options?: CallOptions): Promise<Task>;
  /** One page. `listAll` is for those who want them all. */
  list(input?: Inputs['list'], options?: CallOptions): Promise<Outputs['list']>;
  /**
   * All tasks, page by page as they are asked for; `limit` is the size of a page, 100 where it is left out.
   *
   * `for await (const task of holdfast.task.listAll({ completed: false })) …`
   */
  listAll(
    input?: Omit<Exclude<Inputs['list'], void>, 'cursor'>,
    options?: CallOptions,
  ): AsyncGenerator<Task, void, void>;
  get(input: Inputs['get'], options?: CallOptions): Promise<Task>;
  /** Changes the fields that are there and no others. With `ifVersion`, only if nobody has changed it meanwhile. */
  update(input: Inputs['update'], options?: CallOptions): Promise<Task>;
  delete(input: Inputs['delete'], options?: CallOptions): Promise<Outputs['delete']>;
}

export interface UserCalls {
  me(options?: CallOptions): Promise<RouterOutputs['user']['me']>;
}

/** The procedures under their own names, without tRPC's verbs. */
export function createCalls({ task, user }: TRPCClient<AppRouter>): { task: TaskCalls; user: UserCalls } {
  return {
    task: {
      create: (input, options) => task.create.mutate(input, options),
      list: (input, options) => task.list.query(input, options),
      async *listAll(input, options) {
        let cursor: string | null | undefined;
        do {
          const page = await task.list.query({ limit: 100, ...input, ...(cursor && { cursor }) }, options);
          yield* page.items;
          cursor = page.nextCursor;
        } while (cursor !== null);
      },
      get: (input, options) => task.get.query(input, options),
      update: (input, options) => task.update.mutate(input, options),
      delete: (input, options) => task.delete.mutate(input, options),
    },
    user: {
      me: (options) => user.me.query(undefined, options),
    },
  };
}
