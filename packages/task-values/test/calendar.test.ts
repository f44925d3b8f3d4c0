import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { addDays, countDays, toWeekday } from '../src/index.ts';

test('days are added across months, leap days and years', () => {
  expect(addDays('2028-02-28', 1)).toBe('2028-02-29');
  expect(addDays('2026-12-31', 1)).toBe('2027-01-01');
  expect(addDays('2026-03-01', -1)).toBe('2026-02-28');
  expect(addDays('0001-01-01', 0)).toBe('0001-01-01');
});

test('weeks start on Monday with 1 and end on Sunday with 7', () => {
  expect(['2026-11-30', '2026-12-05', '2026-12-06'].map(toWeekday)).toEqual([1, 6, 7]);
});

test('the number of days between two dates is the number that was added, and a week later is the same weekday', () => {
  const date = fc.date({ min: new Date('1000-01-01'), max: new Date('9000-01-01'), noInvalidDate: true });
  fc.assert(
    fc.property(date, fc.integer({ min: -100_000, max: 100_000 }), (at, days) => {
      const from = at.toISOString().slice(0, 10);
      expect(countDays(from, addDays(from, days))).toBe(days);
      expect(toWeekday(addDays(from, 7))).toBe(toWeekday(from));
    }),
  );
});
