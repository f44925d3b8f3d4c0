import {
  createTRPCClient,
  httpBatchLink,
  httpBatchStreamLink,
  httpLink,
  httpSubscriptionLink,
  type TRPCClientError,
  type TRPCLink,
} from '@trpc/client';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { openPair, type Pair } from './fixtures/pair.ts';
import type { TestRouter } from './fixtures/router.ts';

type Link = (options: { url: string }) => TRPCLink<TestRouter>;

const links: [name: string, link: Link][] = [
  ['httpLink', httpLink],
  ['httpBatchLink', httpBatchLink],
  ['httpBatchStreamLink', httpBatchStreamLink],
];

let pair: Pair;
beforeAll(async () => {
  pair = await openPair();
});
afterAll(() => pair.close());

function createClients(link: Link) {
  return [pair.stock, pair.ours].map(({ url }) => createTRPCClient<TestRouter>({ links: [link({ url })] }));
}

test.each(links)('a client with %s gets the same results from both adapters', async (_link, link) => {
  const [stock, ours] = await Promise.all(
    createClients(link).map(async (client) => {
      const results = await Promise.allSettled([
        client.list.query(),
        client.echo.query({ a: 1 }),
        client.greet.query({ name: 'Ada' }),
        client.greet.query({ name: 'A' }),
        client.date.query(),
        client['odd name'].query(),
        client.me.query(),
        client.fail.error.query(),
        client.add.mutate({ title: 'one' }),
        client.save.mutate(null),
        client.fail.save.mutate(1),
      ]);
      return results.map((result) => (result.status === 'fulfilled' ? result : toFailure(result.reason)));
    }),
  );
  expect(ours).toEqual(stock);
  expect(ours!.filter(isFulfilled)).toHaveLength(7);
});

test('a client with httpSubscriptionLink receives the same events from both adapters', async () => {
  const [stock, ours] = await Promise.all(
    createClients(httpSubscriptionLink).map(
      (client) =>
        new Promise((resolve, reject) => {
          const received: unknown[] = [];
          client.ticks.subscribe(
            { count: 3 },
            { onData: (data) => received.push(data), onComplete: () => resolve(received), onError: reject },
          );
        }),
    ),
  );
  expect(ours).toEqual(stock);
  expect(ours).toHaveLength(3);
});

function isFulfilled(result: unknown): boolean {
  return typeof result === 'object' && result !== null && 'status' in result;
}

function toFailure(reason: TRPCClientError<TestRouter>): unknown {
  return { message: reason.message, shape: reason.shape, data: reason.data };
}
