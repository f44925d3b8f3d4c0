import { randomUUID } from 'node:crypto';
import { expect, test } from 'vitest';
import { createTask, openDatabase } from '../../src/index.ts';
import { openFaultProxy } from '../../src/testing/index.ts';
import { alice, atEnd, bob, openFixture } from '../fixture.ts';

const { url } = await openFixture();

test('a create that an earlier attempt has applied is not retryable if its task cannot be read', async () => {
  const proxy = await openFaultProxy(url);
  atEnd(() => proxy.close());
  let creates = 0;
  const busy = Promise.withResolvers<void>();
  const remote = await openDatabase({
    url: proxy.url,
    poolMax: 1,
    poolWaitMs: 300,
    observer: {
      onStatement({ name, errorCode }) {
        if (name !== 'task_create' || errorCode !== null || (creates += 1) < 2) return;
        // Another user takes the only connection before the task is read.
        void remote.asUser(bob).transaction(() => busy.promise);
      },
    },
  });
  atEnd(() => remote.close());
  const scope = remote.asUser(alice);
  await createTask(scope, { title: 'warm' });
  void proxy.loseResponse(1);
  const error = await createTask(scope, { id: randomUUID(), title: 'x' }).catch((reason: unknown) => reason);
  busy.resolve();
  expect(error).toMatchObject({ code: 'DATABASE_UNAVAILABLE', isRetryable: false });
});
