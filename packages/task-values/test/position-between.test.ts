import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import {
  createEndPosition,
  createEndPositions,
  createPositionBetween,
  createPositions,
  isPosition,
  maxPositionLength,
} from '../src/index.ts';

const digit = fc.constantFrom('0', '1', '5', 'A', 'V', 'Y', 'Z', 'a', 'y', 'z');
const textOf = (length: number) => fc.string({ unit: digit, minLength: length, maxLength: length });

/** Positions with all lengths of integers, many of them equal except for the end. */
const position = fc
  .constantFrom('a', 'b', 'c', 'g', 'h', 'z', 'A', 'B', 'Y', 'Z')
  .chain((letter) => {
    const length = letter >= 'a' ? letter.charCodeAt(0) - 96 : 91 - letter.charCodeAt(0);
    return fc.tuple(fc.constant(letter), textOf(length), fc.string({ unit: digit, maxLength: 8 }));
  })
  .map((parts) => parts.join(''))
  .filter(isPosition);

test('a position between any two positions is valid and between them', () => {
  fc.assert(
    fc.property(position, position, (one, other) => {
      fc.pre(one !== other);
      const [before, after] = [one, other].toSorted() as [string, string];
      for (const [lower, upper] of [
        [before, after],
        [before, null],
        [null, after],
      ] as const) {
        const between = createPositionBetween(lower, upper);
        expect(isPosition(between)).toBe(true);
        expect(lower === null || lower < between).toBe(true);
        expect(upper === null || between < upper).toBe(true);
      }
    }),
    { numRuns: 2_000 },
  );
});

test('at least 900 inserts fit at one place, and then the error names the fix', () => {
  const [first, last] = createPositions(2) as [string, string];
  let before = first;
  let inserts = 0;
  expect(() => {
    for (; ; inserts++) {
      before = createPositionBetween(before, last);
      expect(before.length).toBeLessThanOrEqual(maxPositionLength);
    }
  }).toThrow('No position fits between these neighbors. Reorder the list first.');
  expect(inserts).toBeGreaterThan(900);
});

test('the end positions of one call are ascending, different, and before those of the next millisecond', () => {
  const now = Date.UTC(2026, 0, 1);
  for (const count of [0, 1, 2, 500, 10_000]) {
    const positions = createEndPositions(now, count);
    expect(positions.every(isPosition)).toBe(true);
    expect(positions.toSorted()).toEqual(positions);
    expect(new Set(positions).size).toBe(count);
    for (const one of positions) {
      expect(one).toHaveLength(12);
      expect(one < createEndPosition(now + 1) && one > createEndPosition(now - 1)).toBe(true);
    }
  }
});

test.each([-1, 0.5, 10_001, Number.NaN])('createEndPositions refuses the count %s', (count) => {
  expect(() => createEndPositions(0, count)).toThrow(RangeError);
});
