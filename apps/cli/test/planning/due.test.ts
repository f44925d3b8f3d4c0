import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { CliError } from '../../src/errors.ts';
import { parseDue, toDueInput } from '../../src/planning/due.ts';

/** A Saturday. */
const present = { now: new Date('2026-11-28T11:42:00Z'), timeZone: 'UTC' };

test.each([
  ['today', { from: '2026-11-28', until: '2026-11-28' }],
  ['Tomorrow', { from: '2026-11-29', until: '2026-11-29' }],
  ['yesterday', { from: '2026-11-27', until: '2026-11-27' }],
  ['overdue', { until: '2026-11-27' }],
  ['none', { none: true }],
  ['this week', { from: '2026-11-23', until: '2026-11-29' }],
  ['next  week', { from: '2026-11-30', until: '2026-12-06' }],
  ['this month', { from: '2026-11-01', until: '2026-11-30' }],
  ['next month', { from: '2026-12-01', until: '2026-12-31' }],
  ['friday', { from: '2026-12-04', until: '2026-12-04' }],
  ['sun', { from: '2026-11-29', until: '2026-11-29' }],
  ['2020-02-29', { from: '2020-02-29', until: '2020-02-29' }],
  ['2026-12-01..2026-12-07', { from: '2026-12-01', until: '2026-12-07' }],
  ['today .. friday', { from: '2026-11-28', until: '2026-12-04' }],
  ['..2026-12-07', { until: '2026-12-07' }],
  ['2026-12-01..', { from: '2026-12-01' }],
])('the filter --due %s gives %o', (text, filter) => {
  expect(parseDue(text, present)).toEqual(filter);
});

test.each([
  '',
  '..',
  'soon',
  '5',
  'tomorrow 9am',
  '2026-02-30',
  'a..b',
  '2026-12-01..2026-12-02..2026-12-03',
  'today x',
])("the filter --due '%s' is refused with an example", (text) => {
  const message = `'${text}' is not a day or range. Use today, overdue, none or 2026-12-01..2026-12-07.`;
  expect(() => parseDue(text, present)).toThrow(new CliError('USAGE', message));
});

test('a range that ends before it starts is refused', () => {
  expect(() => parseDue('2026-12-07..2026-12-01', present)).toThrow(
    "The range '2026-12-07..2026-12-01' ends before it starts. Swap the dates.",
  );
});

test('the filters today and overdue use the zone of the user', () => {
  const inAuckland = { ...present, timeZone: 'Pacific/Auckland' };
  expect(parseDue('today', inAuckland)).toEqual({ from: '2026-11-29', until: '2026-11-29' });
  expect(parseDue('overdue', inAuckland)).toEqual({ until: '2026-11-28' });
  expect(parseDue('next week', inAuckland)).toEqual({ from: '2026-11-30', until: '2026-12-06' });
});

test.each([
  ['none', null],
  ['today', { date: '2026-11-28' }],
  ['yesterday', { date: '2026-11-27' }],
  ['tomorrow 9am', { date: '2026-11-29', time: '09:00' }],
  ['sun', { date: '2026-11-29' }],
  ['next week', { date: '2026-11-30' }],
  ['2020-02-29 23:59', { date: '2020-02-29', time: '23:59' }],
  ['2026-12-01 09:00 Europe/Berlin', { date: '2026-12-01', time: '09:00', timeZone: 'Europe/Berlin' }],
  ['tomorrow 9am UTC', { date: '2026-11-29', time: '09:00', timeZone: 'UTC' }],
  // It is already 29 November in Auckland.
  ['tomorrow 9am Pacific/Auckland', { date: '2026-11-30', time: '09:00', timeZone: 'Pacific/Auckland' }],
])('the value --due %s of a task gives %o', (text, due) => {
  expect(toDueInput(text, present)).toEqual(due);
});

test.each([
  ['soon', "'soon' is not a date. Use one such as 'tomorrow 9am', 2026-12-01 or none."],
  ['', "'' is not a date. Use one such as 'tomorrow 9am', 2026-12-01 or none."],
  ['tomorrow at 5', "'tomorrow at 5' is not a date. Use one such as 'tomorrow 9am', 2026-12-01 or none."],
  ['today 9am Mars/Base', "'Mars/Base' is not a time zone. Use one such as Europe/Berlin."],
  ['today Europe/Berlin', "'today Europe/Berlin' has a time zone without a time. Add a time such as 09:00."],
])("the value --due '%s' of a task is refused: %s", (text, message) => {
  expect(() => toDueInput(text, present)).toThrow(new CliError('USAGE', message));
});

test('any value of --due is parsed or refused with a usage error', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary' }), fc.constantFrom(parseDue, toDueInput), (text, parse) => {
      try {
        parse(text, present);
      } catch (error) {
        expect(error).toMatchObject({ name: 'CliError', code: 'USAGE' });
      }
    }),
    { numRuns: 1000 },
  );
});
