import { IncomingMessage, ServerResponse } from 'node:http';
import { Socket } from 'node:net';
import type { Response } from 'express';
import { afterEach, expect, test, vi } from 'vitest';
import { type CallerLimits, createCallerLimits, type UserRequest } from '../../src/http/caller-limits.ts';

afterEach(() => vi.useRealTimers());

/** Sends a request through the limits. Resolves when it may run. */
async function enter(limits: CallerLimits, userId: string, options: Partial<UserRequest> = {}) {
  const socket = { bytesWritten: 0 };
  const response = Object.assign(new ServerResponse(new IncomingMessage(new Socket())), { locals: {}, socket });
  const res = response as unknown as Response;
  const { signal } = new AbortController();
  await limits.enterUser(res, {
    userId,
    responseSize: 'few records',
    isLong: false,
    bodyBytes: 0,
    signal,
    ...options,
  });
  return {
    end() {
      socket.bytesWritten = 200_000;
      res.emit('close');
    },
  };
}

const long = { isLong: true };
const large = { responseSize: 'more' as const };

test.each([
  ['short request with much work', long, 100, 200],
  ['long request with much work', long, 60_000, 1000],
  ['large response that is more than a page', large, 100, 200],
])('after a %s, the next one of its user waits, and no other', async (_, request, tookMs, restMs) => {
  vi.useFakeTimers();
  const limits = createCallerLimits((limit) => limit);
  const first = await enter(limits, 'ada', request);
  const order: string[] = [];
  const next = enter(limits, 'ada', request).then(() => order.push('next'));
  await vi.advanceTimersByTimeAsync(tookMs);
  first.end();
  await enter(limits, 'ada');
  order.push('small');
  await enter(limits, 'bob', request);
  order.push('other user');
  await vi.advanceTimersByTimeAsync(restMs - 1);
  expect(order).toEqual(['small', 'other user']);
  await vi.advanceTimersByTimeAsync(1);
  await next;
  expect(order).toEqual(['small', 'other user', 'next']);
});

test('after a read of a calendar, the next one of its user waits, and no other', async () => {
  vi.useFakeTimers();
  const limits = createCallerLimits((limit) => limit);
  const order: string[] = [];
  const read = async (userId: string) => {
    const res = new ServerResponse(new IncomingMessage(new Socket())) as Response;
    Object.assign(res, { locals: {} });
    await limits.enterCalendar(res, { userId, signal: new AbortController().signal });
    order.push(userId);
    return res;
  };
  const first = await read('ada');
  const next = read('ada');
  await vi.advanceTimersByTimeAsync(100);
  first.emit('close');
  await read('bob');
  await vi.advanceTimersByTimeAsync(1999);
  expect(order).toEqual(['ada', 'bob']);
  await vi.advanceTimersByTimeAsync(1);
  const second = await next;
  const third = read('ada');
  await vi.advanceTimersByTimeAsync(100);
  // Without the secret, nobody can make the user's own reads wait.
  second.statusCode = 404;
  second.emit('close');
  await third;
  expect(order).toEqual(['ada', 'bob', 'ada', 'ada']);
});
