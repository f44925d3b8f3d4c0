import { expect, test } from 'vitest';
import { mapInSlices } from '../src/index.ts';
import { countTurns } from '../src/testing/index.ts';

function spin(ms: number): void {
  const until = performance.now() + ms;
  while (performance.now() < until);
}

test('items that take long are converted in order, and other work runs in between', async () => {
  const items = Array.from({ length: 10 }, (_, at) => at);
  const { result, turns } = await countTurns(() =>
    mapInSlices(items, (item, at) => {
      spin(3);
      return [item, at];
    }),
  );
  expect(result).toEqual(items.map((item) => [item, item]));
  expect(turns).toBeGreaterThanOrEqual(9);
});

test('of much long work at once, each turn of the event loop runs one slice', async () => {
  let isDone = false;
  let [inTurn, most] = [0, 0];
  const endTurn = () => {
    most = Math.max(most, inTurn);
    inTurn = 0;
    if (!isDone) setImmediate(endTurn);
  };
  const work = () =>
    mapInSlices(Array.from({ length: 10 }), () => {
      spin(3);
      inTurn += 1;
    });
  const all = Promise.all(Array.from({ length: 20 }, work));
  // All work has begun with its first item.
  expect(inTurn).toBe(20);
  inTurn = 0;
  setImmediate(endTurn);
  await all;
  isDone = true;
  expect(most).toBe(1);
});

test('items that take little time are converted in one turn', async () => {
  expect(await mapInSlices([], (item) => item)).toEqual([]);
  expect(await mapInSlices(['a', 'b'], (item) => item.toUpperCase())).toEqual(['A', 'B']);
});
