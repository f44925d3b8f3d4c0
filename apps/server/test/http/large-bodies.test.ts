import { IncomingMessage, ServerResponse } from 'node:http';
import { Socket } from 'node:net';
import type { Response } from 'express';
import { afterEach, expect, test, vi } from 'vitest';
import { createCallerLimits } from '../../src/http/caller-limits.ts';

afterEach(() => vi.useRealTimers());

/** Sends a request through the limits. Resolves when it may run. */
async function enter(limits: ReturnType<typeof createCallerLimits>, userId: string, bodyBytes: number) {
  const response = new ServerResponse(new IncomingMessage(new Socket()));
  const res = Object.assign(response, { locals: {} }) as unknown as Response;
  await limits.enterUser(res, { userId, mayBeLarge: false, bodyBytes, signal: new AbortController().signal });
  return { end: () => void res.emit('close') };
}

test.each([
  ['short', 100, 200],
  ['long', 60_000, 1000],
])('after a %s request with a large body, the next one of its user waits, and no other', async (_, tookMs, restMs) => {
  vi.useFakeTimers();
  const limits = createCallerLimits((limit) => limit);
  const first = await enter(limits, 'ada', 40_000);
  const order: string[] = [];
  const next = enter(limits, 'ada', 40_000).then(() => order.push('next'));
  await vi.advanceTimersByTimeAsync(tookMs);
  first.end();
  await enter(limits, 'ada', 100);
  order.push('small');
  await enter(limits, 'bob', 40_000);
  order.push('other user');
  await vi.advanceTimersByTimeAsync(restMs - 1);
  expect(order).toEqual(['small', 'other user']);
  await vi.advanceTimersByTimeAsync(1);
  await next;
  expect(order).toEqual(['small', 'other user', 'next']);
});
