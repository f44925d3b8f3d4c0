import type { AppRouter } from '@holdfast/api/client';
import { createTRPCClient, httpBatchLink, TRPCClientError } from '@trpc/client';

/** What a client app does first: makes a task, changes it, lists it, and is told of a conflict. */
export async function tryOut(base: string, token: string): Promise<string> {
  const client = createTRPCClient<AppRouter>({
    links: [httpBatchLink({ url: `${base}/trpc`, headers: { authorization: `Bearer ${token}` } })],
  });
  const task = await client.task.create.mutate({ title: 'Call the plumber' });
  await client.task.update.mutate({ id: task.id, completed: true, ifVersion: task.version });
  const { items } = await client.task.list.query();
  const conflict = await client.task.delete.mutate({ id: task.id, ifVersion: 1 }).catch((error: unknown) => error);
  const isConflict = conflict instanceof TRPCClientError && (conflict as TRPCClientError<AppRouter>).data?.code;
  return `${items[0]?.title}, ${items[0]?.completed}, ${isConflict}`;
}
