import { expect, test } from 'vitest';
import { findDuplicateLabel, normalizeLabels } from '../src/index.ts';

test('labels lose the white space around them and keep their order', () => {
  expect(normalizeLabels([' home ', 'two words', '\twork\n', 'A'])).toEqual(['home', 'two words', 'work', 'A']);
  expect(normalizeLabels([])).toEqual([]);
});

test('a label that repeats an earlier one in another case or normalization form is found', () => {
  expect(findDuplicateLabel(['home', 'work', 'HOME', 'Work'])).toBe('HOME');
  expect(findDuplicateLabel(['caf\u00E9', 'cafe\u0301'])).toBe('cafe\u0301');
});

test('labels that differ in an accent are different', () => {
  expect(findDuplicateLabel(['cafe', 'café', 'home', 'homes'])).toBeNull();
});
