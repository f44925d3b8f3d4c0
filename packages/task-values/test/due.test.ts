import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { findDueProblem } from '../src/index.ts';
import { findTransitions, toClock, type Transition } from './fixtures/transitions.ts';

const malformedDate = 'The date is malformed. Use YYYY-MM-DD, such as 2026-05-31.';
const malformedTime = 'The time is malformed. Use HH:MM, from 00:00 to 23:59.';
const unknownZone = 'The time zone is unknown. Use an IANA name, such as Europe/Berlin.';

test('a due date can be a date, a date with a time, or a date with a time and a zone', () => {
  expect(findDueProblem({ date: '0001-01-01' })).toBeNull();
  expect(findDueProblem({ date: '9999-12-31', time: '23:59' })).toBeNull();
  expect(findDueProblem({ date: '2028-02-29', time: '00:00', timeZone: 'asia/kolkata' })).toBeNull();
  expect(findDueProblem({ date: '2026-01-01', time: undefined, timeZone: undefined })).toBeNull();
});

test('the first and the last minute of the calendar are valid in every zone', () => {
  for (const timeZone of Intl.supportedValuesOf('timeZone')) {
    expect(findDueProblem({ date: '0001-01-01', time: '00:00', timeZone })).toBeNull();
    expect(findDueProblem({ date: '9999-12-31', time: '23:59', timeZone })).toBeNull();
  }
});

test.each([
  '',
  '2026',
  '2026-1-01',
  '26-01-01',
  '0000-01-01',
  '10000-01-01',
  '2026-01-01 ',
  '2026-01-01\n',
  '２０２６-01-01',
])('the malformed date %j is refused', (date) => expect(findDueProblem({ date })).toBe(malformedDate));

test('a date is accepted exactly if the calendar has it', () => {
  const days = [31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31];
  for (const year of [1, 4, 99, 1582, 1900, 2000, 2026, 2028, 9999]) {
    const isLeapYear = year % 4 === 0 && (year % 100 !== 0 || year % 400 === 0);
    for (let month = 0; month <= 13; month++) {
      for (let day = 0; day <= 32; day++) {
        const date = [`${year}`.padStart(4, '0'), `${month}`.padStart(2, '0'), `${day}`.padStart(2, '0')].join('-');
        const last = (days[month - 1] ?? 0) + (month === 2 && isLeapYear ? 1 : 0);
        const problem = `The date ${date} does not exist. Choose a date of the calendar.`;
        expect(findDueProblem({ date }), date).toBe(day >= 1 && day <= last ? null : problem);
      }
    }
  }
});

test.each(['', '9:00', '24:00', '23:60', '12:00:00', '12.00', '12:00\n', '-1:00'])(
  'the malformed time %j is refused',
  (time) => expect(findDueProblem({ date: '2026-01-01', time })).toBe(malformedTime),
);

test('a time zone without a time is refused', () => {
  const problem = 'The time zone has no time. Add a time, or remove the zone.';
  expect(findDueProblem({ date: '2026-01-01', timeZone: 'Europe/Berlin' })).toBe(problem);
});

test('unknown zones and offsets are refused, each with its own sentence', () => {
  const problemOf = (timeZone: string) => findDueProblem({ date: '2026-01-01', time: '09:00', timeZone });
  for (const name of ['', 'Berlin', 'Europe/Berlin ', 'UTC+2', 'IST', 'x'.repeat(65)]) {
    expect(problemOf(name), name).toBe(unknownZone);
  }
  for (const offset of ['+02:00', '-05:30', '+02']) {
    expect(problemOf(offset)).toBe('An offset is not a time zone. Use an IANA name, such as Europe/Berlin.');
  }
});

test('no text makes the check throw, and each sentence of a problem has at most 12 words', () => {
  const text = fc.oneof(
    fc.string(),
    fc.string({ unit: 'binary' }),
    fc.constantFrom('2026-03-29', '02:30', 'Europe/Berlin'),
  );
  fc.assert(
    fc.property(
      text,
      fc.option(text, { nil: undefined }),
      fc.option(text, { nil: undefined }),
      (date, time, timeZone) => {
        for (const sentence of findDueProblem({ date, time, timeZone })?.split(/(?<=\.) /) ?? []) {
          expect(sentence.split(' ').length).toBeLessThanOrEqual(12);
        }
      },
    ),
    { numRuns: 1_000 },
  );
});

test('a day that a zone skipped has no times', () => {
  const due = { date: '2011-12-30', time: '12:00', timeZone: 'Pacific/Apia' };
  expect(findDueProblem(due)).toBe(
    'The time 12:00 does not exist on 2011-12-30 in Pacific/Apia. Choose an earlier or a later time.',
  );
  expect(findDueProblem({ ...due, date: '2011-12-31' })).toBeNull();
});

test('zones whose offset once had seconds accept the times around the change', () => {
  // Amsterdam was 19 minutes and 32 seconds before Greenwich until 1937-07-01.
  expect(findDueProblem({ date: '1937-06-30', time: '23:59', timeZone: 'Europe/Amsterdam' })).toBeNull();
  expect(findDueProblem({ date: '1937-07-02', time: '00:00', timeZone: 'Europe/Amsterdam' })).toBeNull();
});

describe('on the days of clock changes from 2020 to 2035', () => {
  const transitions = Intl.supportedValuesOf('timeZone').flatMap(findTransitions);
  const problemAt = (timeZone: string, wallMinute: number) => findDueProblem({ ...toClock(wallMinute), timeZone });
  const isGap = ({ before, after }: Transition) => after > before;

  test('there are changes in both directions, of an hour and of half an hour', () => {
    const sizes = transitions.map(({ before, after }) => after - before);
    expect(new Set(sizes)).toEqual(new Set([60, -60, 30, -30, ...sizes]));
    expect(transitions.length).toBeGreaterThan(1_000);
  });

  test('each minute that the clocks of a zone skip is refused, and the minutes beside them are accepted', () => {
    for (const { timeZone, at, before, after } of transitions.filter(isGap)) {
      expect(problemAt(timeZone, at + before - 1)).toBeNull();
      for (let minute = at + before; minute < at + after; minute++) {
        const { date, time } = toClock(minute);
        const problem = `The time ${time} does not exist on ${date} in ${timeZone}. Choose an earlier or a later time.`;
        if (problemAt(timeZone, minute) !== problem) expect(problemAt(timeZone, minute)).toBe(problem);
      }
      expect(problemAt(timeZone, at + after)).toBeNull();
    }
  });

  test('each minute that the clocks of a zone repeat is accepted', () => {
    for (const { timeZone, at, before, after } of transitions.filter((transition) => !isGap(transition))) {
      for (let minute = at + after - 1; minute <= at + before; minute++) {
        if (problemAt(timeZone, minute) !== null) expect(problemAt(timeZone, minute)).toBeNull();
      }
    }
  });

  test('all other minutes of these days are accepted', () => {
    // One change of each kind: by offsets and local time.
    const kinds = new Map(
      transitions.map((one) => [`${one.before} ${one.after} ${(one.at + one.before) % 1_440}`, one]),
    );
    expect(kinds.size).toBeGreaterThan(20);
    for (const { timeZone, at, before, after } of kinds.values()) {
      const midnight = Math.floor((at + before) / 1_440) * 1_440;
      for (let minute = midnight - 60; minute < midnight + 1_500; minute++) {
        const isSkipped = minute >= at + before && minute < at + after;
        if ((problemAt(timeZone, minute) !== null) !== isSkipped) expect(problemAt(timeZone, minute)).toBe(isSkipped);
      }
    }
  });
});
