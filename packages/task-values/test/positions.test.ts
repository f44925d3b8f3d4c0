import * as fc from 'fast-check';
import { generateKeyBetween } from 'fractional-indexing';
import { expect, test } from 'vitest';
import { createEndPosition, createPositionBetween, createPositions, isPosition } from '../src/index.ts';

const time = fc.integer({ min: 0, max: 2 ** 45 });

test('an end position is valid and follows each end position of an earlier millisecond', () => {
  fc.assert(
    fc.property(time, fc.integer({ min: 1, max: 2 ** 45 }), (now, later) => {
      const [one, other] = [createEndPosition(now), createEndPosition(now + later)];
      expect(isPosition(one) && isPosition(other)).toBe(true);
      expect(one < other).toBe(true);
    }),
    { numRuns: 2_000 },
  );
});

test('an end position has 12 characters until the year 2081 and 13 later', () => {
  expect(createEndPosition(0)).toMatch(/^g0000000\w{3}[1-9A-Za-z]$/);
  expect(createEndPosition(62 ** 7 - 1)).toMatch(/^gzzzzzzz\w{4}$/);
  expect(createEndPosition(62 ** 7)).toMatch(/^h10000000\w{4}$/);
  expect(new Date(62 ** 7).getUTCFullYear()).toBe(2081);
});

test('end positions of one millisecond are rarely equal', () => {
  expect(new Set(Array.from({ length: 1_000 }, () => createEndPosition(5))).size).toBeGreaterThan(990);
});

test.each([-1, Number.NaN, Infinity])('the time %d has no end position', (now) => {
  expect(() => createEndPosition(now)).toThrow(RangeError);
});

test('the positions of a whole list are valid, in order, and before each end position', () => {
  fc.assert(
    fc.property(fc.integer({ min: 0, max: 3_000 }), time, (count, now) => {
      const positions = createPositions(count);
      expect(positions).toHaveLength(count);
      expect(positions.every(isPosition)).toBe(true);
      const all = [...positions, createEndPosition(now)];
      expect(all.every((position, at) => at === 0 || all[at - 1]! < position)).toBe(true);
    }),
    { numRuns: 50 },
  );
  expect(createPositions(100_000).at(-1)!.length).toBeLessThanOrEqual(4);
});

test.each([-1, 1.5, Number.NaN])('a list of %d positions is refused', (count) => {
  expect(() => createPositions(count)).toThrow(RangeError);
});

test.each(['', 'a', 'a00', 'a0V0', 'b1', '0', 'a0-', 'a0\n', 'aé', `A${'0'.repeat(26)}`, `a0${'V'.repeat(199)}`])(
  '%j is not a position',
  (text) => expect(isPosition(text)).toBe(false),
);

test.each(['a0', 'Zz', 'a0V', 'b00', `A${'0'.repeat(26)}1`, 'z'.repeat(200), `a0${'V'.repeat(198)}`])(
  '%j is a position',
  (text) => expect(isPosition(text)).toBe(true),
);

test('positions stay valid and in order when they are inserted at any places', () => {
  fc.assert(
    fc.property(fc.array(fc.nat(), { maxLength: 300 }), fc.nat({ max: 20 }), (places, count) => {
      const list = createPositions(count);
      for (const place of places) {
        const at = place % (list.length + 1);
        list.splice(at, 0, createPositionBetween(list[at - 1] ?? null, list[at] ?? null));
      }
      expect(list.every(isPosition)).toBe(true);
      expect(list.every((position, at) => at === 0 || list[at - 1]! < position)).toBe(true);
    }),
    { numRuns: 200 },
  );
});

test('a position between two neighbors is between them for any valid neighbors', () => {
  const position = fc
    .string({ unit: fc.constantFrom(...'019AVZahz'.split('')), minLength: 2, maxLength: 30 })
    .filter(isPosition);
  fc.assert(
    fc.property(position, position, (one, other) => {
      fc.pre(one !== other);
      const [before, after] = one < other ? [one, other] : [other, one];
      const between = createPositionBetween(before, after);
      expect(isPosition(between) && before < between && between < after).toBe(true);
      expect(createPositionBetween(null, before) < before).toBe(true);
      expect(createPositionBetween(after, null) > after).toBe(true);
    }),
    { numRuns: 2_000 },
  );
});

test('there is a position before the smallest integer, between a key and its continuation, and after the greatest integer', () => {
  for (const [before, after] of [
    [null, `A${'0'.repeat(25)}1`],
    [null, `A${'0'.repeat(26)}1`],
    ['a0', 'a00001'],
    ['a0', 'a01'],
    ['a0V', 'a0V0001'],
    ['z'.repeat(27), null],
  ] as const) {
    const between = createPositionBetween(before, after);
    expect(isPosition(between)).toBe(true);
    expect(between > (before ?? '') && (after === null || between < after)).toBe(true);
  }
});

test('two clients that insert at the same place rarely create the same position', () => {
  const created = Array.from({ length: 1_000 }, () => createPositionBetween('a0', 'a1'));
  expect(new Set(created).size).toBeGreaterThan(950);
});

test.each([500, 2_000])(
  'after 10,000 random moves among %d tasks, 99 of 100 positions have at most 20 characters',
  (count) => {
    const list = Array.from({ length: count }, (_, at) => createEndPosition(1_800_000_000_000 + at * 60_000));
    for (let move = 0; move < 10_000; move++) {
      list.splice(Math.floor(Math.random() * count), 1);
      const at = Math.floor(Math.random() * count);
      list.splice(at, 0, createPositionBetween(list[at - 1] ?? null, list[at] ?? null));
    }
    expect(list.every((position, at) => at === 0 || list[at - 1]! < position)).toBe(true);
    const lengths = list.map(({ length }) => length).sort((one, other) => one - other);
    console.info(`length of positions: median ${lengths[count / 2]}, greatest ${lengths.at(-1)}`);
    expect(lengths[Math.floor(count * 0.99)]).toBeLessThanOrEqual(20);
  },
);

test('more than 300 positions fit into one gap that is always halved, and then the list must be reordered', () => {
  const sides = { 'after the first': true, 'before the last': false };
  for (const [side, isAfterFirst] of Object.entries(sides)) {
    let [before, after, count] = ['a0', 'a1', 0];
    const insert = () => {
      for (; count < 10_000; count++) {
        const between = createPositionBetween(before, after);
        if (isAfterFirst) after = between;
        else before = between;
      }
    };
    expect(insert, side).toThrow(new RangeError('No position fits between these neighbors. Reorder the list first.'));
    console.info(`${count} insertions ${side}`);
    expect(count).toBeGreaterThan(300);
  }
});

test('equal, reversed and invalid neighbors throw a RangeError that names the problem', () => {
  expect(() => createPositionBetween('a0', 'a0')).toThrow(
    new RangeError('Both neighbors have the same position. Reorder the list first.'),
  );
  expect(() => createPositionBetween('a1', 'a0')).toThrow(
    new RangeError('The neighbors are in the wrong order. Pass the earlier one first.'),
  );
  expect(() => createPositionBetween('a00', null)).toThrow(new RangeError('A neighbor has an invalid position.'));
});

test('fractional-indexing itself creates keys beside all positions', () => {
  const end = createEndPosition(1_800_000_000_000);
  expect(generateKeyBetween(end, null) > end).toBe(true);
  expect(generateKeyBetween(createPositionBetween('a0', end), end) < end).toBe(true);
});
