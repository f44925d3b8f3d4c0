import { type AppRouter, createClient, type TaskPage } from '@holdfast/client';
import { QueryClient } from '@tanstack/react-query';
import { createTRPCOptionsProxy } from '@trpc/tanstack-react-query';

const { trpc: client } = createClient({ url: 'https://tasks.example.com' });
const queryClient = new QueryClient();
const trpc = createTRPCOptionsProxy<AppRouter>({ client, queryClient });

export const page: Promise<TaskPage> = queryClient.fetchQuery(trpc.task.list.queryOptions({ limit: 2 }));
export const pages = queryClient.fetchInfiniteQuery(
  trpc.task.list.infiniteQueryOptions({}, { getNextPageParam: ({ nextCursor }) => nextCursor }),
);
