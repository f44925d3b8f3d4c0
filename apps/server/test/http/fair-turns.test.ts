import { setImmediate as nextTurn } from 'node:timers/promises';
import { expect, test } from 'vitest';
import { FairTurns } from '../../src/request/fair-turns.ts';

/** Work that occupies the process, and each start of it. */
function createWorker(order: string[]) {
  return (name: string, milliseconds: number) => () => {
    order.push(name);
    const endAt = performance.now() + milliseconds;
    while (performance.now() < endAt);
  };
}

test('work that arrives while nothing else starts begins at once', () => {
  const order: string[] = [];
  new FairTurns().start(createWorker(order)('a', 0), () => 'a');
  expect(order).toEqual(['a']);
});

test('if a client sends much work at once, that of another client begins after one more piece of it', async () => {
  const order: string[] = [];
  const turns = new FairTurns();
  const work = createWorker(order);
  for (let count = 1; count <= 20; count++) turns.start(work(`a${count}`, 4), () => 'a');
  expect(order).toEqual(['a1']);
  await nextTurn();
  turns.start(work('b1', 4), () => 'b');
  turns.start(work('b2', 4), () => 'b');
  while (order.length < 22) await nextTurn();
  expect(order.filter((name) => name.startsWith('a'))).toEqual(Array.from({ length: 20 }, (_, at) => `a${at + 1}`));
  expect(order.indexOf('b1')).toBeLessThan(5);
  expect(order.indexOf('b2')).toBe(order.indexOf('b1') + 2);
});

test('each turn of the event loop starts work, and work that arrives later begins at once', async () => {
  const order: string[] = [];
  const turns = new FairTurns();
  const work = createWorker(order);
  for (let count = 0; count < 10; count++) turns.start(work('long', 4), () => 'a');
  let loops = 0;
  for (; order.length < 10; loops++) await nextTurn();
  expect(loops).toBeGreaterThanOrEqual(9);
  expect(loops).toBeLessThan(40);
  await nextTurn();
  turns.start(work('later', 0), () => 'a');
  expect(order.at(-1)).toBe('later');
});
