import { setImmediate as nextTurn } from 'node:timers/promises';
import { expect, test } from 'vitest';
import type { ToMain } from '../../src/peers/messages.ts';
import { createPeers, type PeerLink } from '../../src/peers/peers.ts';
import { createSharedLimits, type Limiter, type Rule } from '../../src/peers/shared-limit.ts';
import { Hub } from '../../src/workers/hub.ts';
import { countLimits } from '../../src/workers/limits.ts';

interface Server {
  /** Adds a worker, and returns its limiter. */
  start(): Limiter;
  /** Messages of workers about units so far. */
  questions: () => number;
}

/** The parts of a main process and of workers that count, connected without processes. */
function openServer(rule: Rule, workers: number): Server {
  const hub = new Hub();
  countLimits(hub, workers);
  let questions = 0;
  let started = 0;
  return {
    questions: () => questions,
    start() {
      const id = (started += 1);
      const toMain = (message: ToMain) => {
        if (message.kind === 'question' && message.topic === 'take units') questions += 1;
        setImmediate(() => hub.receive(id, JSON.parse(JSON.stringify(message)) as ToMain));
      };
      const peers: PeerLink = createPeers(toMain);
      hub.add(id, (message) => setImmediate(() => peers.receive(message)));
      return createSharedLimits({ number: id, workers, peers })(rule);
    },
  };
}

/** Waits until a worker knows whether others count already, as it does before it serves. */
async function settle(): Promise<void> {
  for (let turn = 0; turn < 5; turn += 1) await nextTurn();
}

const rule: Rule = { name: 'calls', max: 40, windowSeconds: 60 };

test('the first calls of each user need no message to the main process', async () => {
  const server = openServer(rule, 2);
  const limiters = [server.start(), server.start()];
  await settle();
  for (let user = 0; user < 100; user += 1) {
    for (const limiter of limiters) for (let call = 0; call < 5; call += 1) expect(await limiter(`${user}`)).toBe(null);
  }
  expect(server.questions()).toBe(0);
  expect(await limiters[0]!('1')).toBe(null);
  expect(server.questions()).toBe(1);
});

test.each([
  ['one after the other', 1],
  ['at the same time', 200],
])('calls to several workers %s are within the limit as often as it allows', async (_, atOnce) => {
  const server = openServer(rule, 3);
  const limiters = [server.start(), server.start(), server.start()];
  await settle();
  for (const seed of [1, 2, 3, 4, 5]) {
    const results: (number | null)[] = [];
    for (let call = 0; call < 200; call += atOnce) {
      // An uneven order of workers.
      const calls = Array.from({ length: atOnce }, (_, at) => limiters[((call + at) * seed * 7 + (at >> 2)) % 3]!);
      results.push(...(await Promise.all(calls.map((limiter) => limiter(`user ${seed}`)))));
    }
    expect(results.filter((waitMs) => waitMs === null)).toHaveLength(rule.max);
    for (const waitMs of results) if (waitMs !== null) expect(waitMs).toBeLessThanOrEqual(60_000);
  }
});

test('a worker that starts later does not allow calls that others have counted already', async () => {
  const server = openServer(rule, 2);
  const first = server.start();
  await settle();
  for (let call = 0; call < rule.max; call += 1) expect(await first('ada')).toBe(null);
  expect(await first('ada')).toBeGreaterThan(0);
  const later = server.start();
  await settle();
  for (let call = 0; call < 3; call += 1) expect(await later('ada')).toBeGreaterThan(0);
});

test('a limit for few units counts each of them in the main process', async () => {
  const server = openServer({ name: 'sign-in', max: 3, windowSeconds: 10 }, 2);
  const limiters = [server.start(), server.start()];
  await settle();
  const results: (number | null)[] = [];
  for (let attempt = 0; attempt < 6; attempt += 1) results.push(await limiters[attempt % 2]!('192.0.2.1'));
  expect(results.map((waitMs) => waitMs === null)).toEqual([true, true, true, false, false, false]);
});

test('units that are given back can be used again in any worker', async () => {
  const server = openServer(rule, 2);
  const limiters = [server.start(), server.start()];
  await settle();
  for (let call = 0; call < rule.max; call += 1) expect(await limiters[call % 2]!('ada')).toBe(null);
  await limiters[0]!('ada', -2);
  const results: (number | null)[] = [];
  for (let call = 0; call < 4; call += 1) results.push(await limiters[1]!('ada'));
  expect(results.map((waitMs) => waitMs === null)).toEqual([true, true, false, false]);
});
