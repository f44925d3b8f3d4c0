import { expect, test } from 'vitest';
import { createEndedAccess } from '../../src/auth/ended-access.ts';

const second = 1000;
const caller = { userId: '0190a000-0000-7000-8000-00000000000a', profile: { email: null, name: null } };
const nothing = { position: '1', sessionIds: [] as string[] | null, erasedUserIds: [] as string[] };

/** Ended access whose database returns `answer.current`, or fails if that is an error. */
function open() {
  let time = 1_000_000_000;
  const positions: string[] = [];
  const answer: { current: typeof nothing | Error } = { current: nothing };
  const ended = createEndedAccess(
    async (position) => {
      positions.push(position);
      if (answer.current instanceof Error) throw answer.current;
      return answer.current;
    },
    () => time,
  );
  const isEnded = (sessionId: string | null = 'one', issuedAt = time) => ended.isEnded({ caller, sessionId, issuedAt });
  return { ended, positions, answer, isEnded, wait: (milliseconds: number) => void (time += milliseconds) };
}

test('many requests within ten seconds cause one query', async () => {
  const { ended, positions, wait } = open();
  await Promise.all(Array.from({ length: 100 }, async () => ended.refresh()));
  wait(9 * second);
  expect(ended.refresh()).toBeUndefined();
  expect(positions).toEqual(['0']);
});

test('later, requests cause one query, which continues at the position of the last one, and do not wait for it', async () => {
  const { ended, positions, answer, isEnded, wait } = open();
  await ended.refresh();
  wait(30 * second);
  answer.current = { ...nothing, position: '2', sessionIds: ['one'] };
  expect(ended.refresh()).toBeUndefined();
  expect(ended.refresh()).toBeUndefined();
  await expect.poll(() => isEnded()).toBe(true);
  expect(isEnded('two')).toBe(false);
  expect(positions).toEqual(['0', '1']);
});

test('after 50 seconds without a successful query, requests wait for one and fail with it', async () => {
  const { ended, answer, wait } = open();
  await ended.refresh();
  answer.current = new Error('no database');
  wait(49 * second);
  expect(ended.refresh()).toBeUndefined();
  wait(second);
  await expect(ended.refresh()).rejects.toThrow('no database');
  answer.current = nothing;
  await ended.refresh();
  expect(ended.refresh()).toBeUndefined();
});

test('if the clock is set back, the next request waits for a query', async () => {
  const { ended, positions, wait } = open();
  await ended.refresh();
  wait(-3600 * second);
  await ended.refresh();
  expect(positions).toHaveLength(2);
});

test('after an invalidation, a request waits for a query that started later', async () => {
  const { ended, positions, answer, isEnded } = open();
  const first = ended.refresh();
  ended.invalidate();
  answer.current = { ...nothing, sessionIds: ['one'] };
  await Promise.all([first, ended.refresh()]);
  expect(isEnded()).toBe(true);
  expect(positions).toHaveLength(2);
});

test('an ended session is remembered for as long as its tokens are valid, and forgotten later', async () => {
  const { ended, answer, isEnded, wait } = open();
  answer.current = { ...nothing, sessionIds: ['one'] };
  await ended.refresh();
  answer.current = nothing;
  for (let minute = 0; minute < 16; minute += 1) {
    wait(60 * second);
    await ended.refresh();
    expect(isEnded()).toBe(true);
  }
  for (let minute = 0; minute < 60; minute += 1) {
    wait(60 * second);
    await ended.refresh();
  }
  expect(isEnded()).toBe(false);
});

test('if too many sessions ended to list them, all earlier tokens end', async () => {
  const { ended, answer, isEnded, wait } = open();
  answer.current = { ...nothing, sessionIds: null };
  await ended.refresh();
  expect(isEnded('one', 0)).toBe(true);
  expect(isEnded(null, 0)).toBe(false);
  wait(second);
  expect(isEnded('two')).toBe(false);
});

test('an erased user has no access, with and without a session, until the mark is removed', async () => {
  const { ended, answer, isEnded, wait } = open();
  answer.current = { ...nothing, erasedUserIds: [caller.userId] };
  await ended.refresh();
  expect([isEnded(), isEnded(null)]).toEqual([true, true]);
  answer.current = nothing;
  wait(60 * second);
  await ended.refresh();
  expect([isEnded(), isEnded(null)]).toEqual([false, false]);
});
