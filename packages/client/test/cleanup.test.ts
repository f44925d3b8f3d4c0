import { getEventListeners } from 'node:events';
import { createClient } from '@holdfast/client';
import { expect, test, vi } from 'vitest';
import { errorOf } from './fixture.ts';

test('the client sends and stores no cookies of a page', async () => {
  const kinds: unknown[] = [];
  async function fetch(_url: unknown, init?: RequestInit): Promise<Response> {
    kinds.push(init?.credentials);
    return Response.json([{ result: { data: {} } }]);
  }
  await createClient({ url: 'http://127.0.0.1', fetch, getToken: () => null }).user.me();
  expect(kinds).toEqual(['omit']);
});

test('a finished or aborted call leaves no listener and no timer', async () => {
  const busy = { code: 'SERVICE_UNAVAILABLE', httpStatus: 503, retryAfterMs: 60_000 };
  const responses: Record<string, object> = {
    'sign-in/email': { token: 'a-session', user: { id: 'made-up', email: 'ada@example.org', name: 'Ada' } },
    'user.me': [{ result: { data: {} } }],
    'task.list': [{ error: { code: -32000, message: 'made up', data: busy } }],
    token: { token: 'a-token' },
  };
  // The runtime's `fetch` would leave timers for its connections.
  let path = '';
  async function fetch(url: unknown): Promise<Response> {
    path = /(?<=\/(trpc|auth)\/)[^?]*/.exec(String(url))![0];
    return Response.json(responses[path]);
  }
  const holdfast = createClient({ url: 'http://127.0.0.1', deadlineMs: 1_000_000, fetch });
  const controller = new AbortController();
  const { signal } = controller;
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'], shouldAdvanceTime: true });
  try {
    await holdfast.signIn({ email: 'ada@example.org', password: 'correct horse' }, { signal });
    await holdfast.user.me({ signal });
    expect(getEventListeners(signal, 'abort')).toEqual([]);
    expect(vi.getTimerCount()).toBe(0);
    const waiting = errorOf(holdfast.task.list({}, { signal }));
    // The timers of the deadline and of the pause.
    await expect.poll(() => path === 'task.list' && vi.getTimerCount()).toBe(2);
    controller.abort(new Error('enough'));
    expect(await waiting).toMatchObject({ code: 'ABORTED', isRetryable: true, cause: new Error('enough') });
    expect(getEventListeners(signal, 'abort')).toEqual([]);
    expect(vi.getTimerCount()).toBe(0);
  } finally {
    vi.useRealTimers();
  }
});
