import {
  createTRPCClient,
  httpBatchLink,
  httpBatchStreamLink,
  httpLink,
  httpSubscriptionLink,
  type TRPCClientError,
  type TRPCLink,
} from '@trpc/client';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { openPair, type Pair } from './fixtures/pair.ts';
import { createTestRouter, dateTransformer, type TestRouter } from './fixtures/router.ts';

// The router's type does not say which transformer it has, so the links' types cannot ask for one.
type Link = (options: { url: string }) => TRPCLink<TestRouter>;

const links: [name: string, link: Link][] = [
  ['httpLink', httpLink],
  ['httpBatchLink', httpBatchLink],
  ['httpBatchStreamLink', httpBatchStreamLink],
];

describe.each([
  ['plain', undefined],
  ['transformed', dateTransformer],
])('%s', (_name, transformer) => {
  let pair: Pair;
  beforeAll(async () => {
    pair = await openPair({ createRouter: () => createTestRouter(transformer ? { transformer } : {}) });
  });
  afterAll(() => pair.close());

  function createClients(link: Link) {
    return [pair.stock, pair.ours].map(({ url }) =>
      createTRPCClient<TestRouter>({ links: [link({ url, ...(transformer && { transformer }) })] }),
    );
  }

  test.each(links)('%s gives and takes the same', async (_link, link) => {
    const [stock, ours] = await Promise.all(
      createClients(link).map(async (client) => {
        const outcomes = await Promise.allSettled([
          client.list.query(),
          client.echo.query({ a: 1 }),
          client.greet.query({ name: 'Ada' }),
          client.greet.query({ name: 'A' }),
          client.date.query(),
          client['odd name'].query(),
          client.later.hello.query(),
          client.me.query(),
          client.fail.error.query(),
          client.add.mutate({ title: 'one' }),
          client.save.mutate(null),
          client.fail.save.mutate(1),
        ]);
        return outcomes.map((outcome) => (outcome.status === 'fulfilled' ? outcome : toFailure(outcome.reason)));
      }),
    );
    expect(ours).toEqual(stock);
    expect(ours!.filter(isFulfilled)).toHaveLength(8);
  });

  test('httpSubscriptionLink is told the same', async () => {
    const [stock, ours] = await Promise.all(
      createClients(httpSubscriptionLink).map(
        (client) =>
          new Promise((resolve, reject) => {
            const told: unknown[] = [];
            client.ticks.subscribe(
              { count: 3 },
              { onData: (data) => told.push(data), onComplete: () => resolve(told), onError: reject },
            );
          }),
      ),
    );
    expect(ours).toEqual(stock);
    expect(ours).toHaveLength(3);
  });
});

function isFulfilled(outcome: unknown): boolean {
  return typeof outcome === 'object' && outcome !== null && 'status' in outcome;
}

function toFailure(reason: TRPCClientError<TestRouter>): unknown {
  return { message: reason.message, shape: reason.shape, data: reason.data };
}
