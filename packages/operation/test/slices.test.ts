import { expect, test } from 'vitest';
import { mapInSlices } from '../src/index.ts';

test('items that take long are converted in order, and other work runs in between', async () => {
  let turns = 0;
  let isDone = false;
  const count = () => {
    turns += 1;
    if (!isDone) setImmediate(count);
  };
  setImmediate(count);
  const items = Array.from({ length: 10 }, (_, at) => at);
  const converted = await mapInSlices(items, (item, at) => {
    const until = performance.now() + 3;
    while (performance.now() < until);
    return [item, at];
  });
  isDone = true;
  expect(converted).toEqual(items.map((item) => [item, item]));
  expect(turns).toBeGreaterThanOrEqual(9);
});

test('items that take little time are converted in one turn', async () => {
  expect(await mapInSlices([], (item) => item)).toEqual([]);
  expect(await mapInSlices(['a', 'b'], (item) => item.toUpperCase())).toEqual(['A', 'B']);
});
