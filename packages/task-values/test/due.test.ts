import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { findDueProblem } from '../src/index.ts';
import { findTransitions, toClock } from './fixtures/transitions.ts';

const malformedDate = 'The date is malformed. Use YYYY-MM-DD, such as 2026-05-31.';
const malformedTime = 'The time is malformed. Use HH:MM, from 00:00 to 23:59.';

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

test.each(['', 'Berlin', 'Europe/Berlin ', 'UTC+2', 'IST', 'x'.repeat(65)])(
  'the unknown zone %j is refused',
  (timeZone) => {
    const problem = 'The time zone is unknown. Use an IANA name, such as Europe/Berlin.';
    expect(findDueProblem({ date: '2026-01-01', time: '09:00', timeZone })).toBe(problem);
  },
);

test.each(['+02:00', '-05:30', '+02'])('the offset %j is refused as a zone', (timeZone) => {
  const problem = 'An offset is not a time zone. Use an IANA name, such as Europe/Berlin.';
  expect(findDueProblem({ date: '2026-01-01', time: '09:00', timeZone })).toBe(problem);
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

const transitions = Intl.supportedValuesOf('timeZone').flatMap(findTransitions);
const gaps = transitions.filter(({ before, after }) => after > before);
const repetitions = transitions.filter(({ before, after }) => after < before);

/** Returns the minutes of a range, without its end, whose problem is not the expected one. */
function findUnexpected(
  timeZone: string,
  [from, until]: [number, number],
  isSkipped: (minute: number) => boolean,
): string[] {
  const unexpected: string[] = [];
  for (let minute = from; minute < until; minute++) {
    const { date, time } = toClock(minute);
    const gap = `The time ${time} does not exist on ${date} in ${timeZone}. Choose an earlier or a later time.`;
    const problem = findDueProblem({ date, time, timeZone });
    if (problem !== (isSkipped(minute) ? gap : null)) unexpected.push(`${timeZone} ${date} ${time}: ${problem}`);
  }
  return unexpected;
}

describe('at the clock changes from 2020 to 2035 in all zones', () => {
  test('there are more than 1,000 changes in each direction, of an hour and of half an hour', () => {
    expect(gaps.length).toBeGreaterThan(1_000);
    expect(repetitions.length).toBeGreaterThan(1_000);
    expect(transitions.map(({ before, after }) => after - before)).toEqual(expect.arrayContaining([-60, -30, 30, 60]));
  });

  test('each minute that the clocks skip is refused, and the minutes beside them are accepted', () => {
    const unexpected = gaps.flatMap(({ timeZone, at, before, after }) => {
      const [start, end] = [at + before, at + after];
      return findUnexpected(timeZone, [start - 1, end + 1], (minute) => minute >= start && minute < end);
    });
    expect(unexpected).toEqual([]);
  });

  test('each minute that the clocks show twice is accepted, and the minutes beside them are accepted', () => {
    const unexpected = repetitions.flatMap(({ timeZone, at, before, after }) =>
      findUnexpected(timeZone, [at + after - 1, at + before + 1], () => false),
    );
    expect(unexpected).toEqual([]);
  });

  test('all other minutes of the day of a change are accepted', () => {
    // One change of each kind: by offsets and local time.
    const kinds = new Map(
      transitions.map((one) => [`${one.before} ${one.after} ${(one.at + one.before) % 1_440}`, one]),
    );
    expect(kinds.size).toBeGreaterThan(20);
    const unexpected = [...kinds.values()].flatMap(({ timeZone, at, before, after }) => {
      const midnight = Math.floor((at + before) / 1_440) * 1_440;
      const isSkipped = (minute: number) => minute >= at + before && minute < at + after;
      return findUnexpected(timeZone, [midnight - 60, midnight + 1_500], isSkipped);
    });
    expect(unexpected).toEqual([]);
  });
});
