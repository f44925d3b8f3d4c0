import type { AppRouter } from '@holdfast/api/client';
import { createTRPCClient, httpBatchLink, TRPCClientError } from '@trpc/client';

/** Creates, updates and lists a task, then causes a conflict. */
export async function tryOut(base: string, token: string): Promise<string> {
  const client = createTRPCClient<AppRouter>({
    links: [httpBatchLink({ url: `${base}/trpc`, headers: { authorization: `Bearer ${token}` } })],
  });
  const task = await client.task.create.mutate({ title: 'Call the plumber', labels: ['phone'] });
  await client.task.update.mutate({ id: task.id, completed: true, ifVersion: task.version });
  const { items } = await client.task.list.query({ label: 'phone' });
  const conflict = await client.task.delete.mutate({ id: task.id, ifVersion: 1 }).catch((error: unknown) => error);
  const code = conflict instanceof TRPCClientError && (conflict as TRPCClientError<AppRouter>).data?.code;
  return `${items[0]?.title}, ${items[0]?.completed}, ${code}`;
}
