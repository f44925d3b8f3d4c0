import { describe, expect, test } from 'vitest';
import { findDates } from '../src/dates.ts';
import { parseQuickAdd } from '../src/index.ts';
import { toLine } from './to-line.ts';

/** A Saturday. */
const now = new Date('2026-11-28T11:42:00Z');
const present = { now, timeZone: 'UTC' };
const parse = (text: string) => parseQuickAdd(text, present, { findDates });
const describeText = (text: string) => toLine(parse(text));

const toTitleOnly = (title: string) => ({ title, due: null, labels: [], list: null, priority: 0, parts: [] });

test('one line gives title, due date, label, list and priority of a task', () => {
  expect(parse('Pay rent tomorrow 9am #home @money !!')).toEqual({
    title: 'Pay rent',
    due: { date: '2026-11-29', time: '09:00' },
    labels: ['home'],
    list: 'money',
    priority: 2,
    parts: [
      { kind: 'due', text: 'tomorrow 9am', start: 9, end: 21 },
      { kind: 'label', text: '#home', start: 22, end: 27 },
      { kind: 'list', text: '@money', start: 28, end: 34 },
      { kind: 'priority', text: '!!', start: 35, end: 37 },
    ],
  });
});

describe('words that say when a task is due', () => {
  test.each([
    ['Pay rent tomorrow 9am', 'Pay rent · due Sun 29 Nov 2026 09:00'],
    ['Pay rent tomorrow #home 9am', 'Pay rent · due Sun 29 Nov 2026 09:00 · #home'],
    ['Tomorrow, call Ann', 'call Ann · due Sun 29 Nov 2026'],
    ['Call Ann tomorrow, then Bob', 'Call Ann, then Bob · due Sun 29 Nov 2026'],
    ['Call Ann tomorrow!', 'Call Ann! · due Sun 29 Nov 2026'],
    ['Call Ann on Friday about taxes', 'Call Ann about taxes · due Fri 4 Dec 2026'],
    ['Send the form by Friday', 'Send the form · due Fri 4 Dec 2026'],
    ['Send the form due by Friday', 'Send the form · due Fri 4 Dec 2026'],
    ['Buy a gift by the 5th of May', 'Buy a gift · due Wed 5 May 2027'],
    ['Meet Sunday', 'Meet · due Sun 29 Nov 2026'],
    ['Swim sat 9am', 'Swim · due Sat 5 Dec 2026 09:00'],
    ['Swim on sun', 'Swim · due Sun 29 Nov 2026'],
    ['Ship 2026-12-01', 'Ship · due Tue 1 Dec 2026'],
    ['Ship 2026-12-01 08:15', 'Ship · due Tue 1 Dec 2026 08:15'],
    ['Ship on 28 Nov', 'Ship · due Sat 28 Nov 2026'],
    ['Ship in 3 hours', 'Ship · due Sat 28 Nov 2026 14:42'],
    ['Ship in 2 weeks', 'Ship · due Sat 12 Dec 2026'],
    ['Renew the passport in 5 years', 'Renew the passport · due Fri 28 Nov 2031'],
    ['Lunch at noon', 'Lunch · due Sat 28 Nov 2026 12:00'],
    ['Dinner tonight', 'Dinner · due Sat 28 Nov 2026 20:00'],
    ['Run tomorrow morning', 'Run · due Sun 29 Nov 2026 09:00'],
    ['Stand up 9am', 'Stand up · due Sun 29 Nov 2026 09:00'],
    ['Call Ann 14:30', 'Call Ann · due Sat 28 Nov 2026 14:30'],
    ['Report today 9am', 'Report · due Sat 28 Nov 2026 09:00'],
    ['Pay end of month', 'Pay · due Mon 30 Nov 2026'],
    // The hour could be in the morning or in the afternoon.
    ['Call Ann tomorrow at 5', 'Call Ann at 5 · due Sun 29 Nov 2026'],
    ['Call Ann tomorrow at 17', 'Call Ann · due Sun 29 Nov 2026 17:00'],
    ['Buy iPhone 17 tomorrow', 'Buy iPhone 17 · due Sun 29 Nov 2026'],
    ['Call Ann tod', 'Call Ann · due Sat 28 Nov 2026'],
    ['Call Ann tmr', 'Call Ann · due Sun 29 Nov 2026'],
    ['Call Ann mon', 'Call Ann · due Mon 30 Nov 2026'],
    ['Call Ann wed', 'Call Ann · due Wed 2 Dec 2026'],
    ['Call Ann sat', 'Call Ann · due Sat 28 Nov 2026'],
    ['Call Ann sun', 'Call Ann · due Sun 29 Nov 2026'],
    ['Call Ann next week', 'Call Ann · due Mon 30 Nov 2026'],
    ['Call Ann next week on Friday', 'Call Ann · due Fri 4 Dec 2026'],
    ['Call Ann friday next week 9am', 'Call Ann · due Fri 4 Dec 2026 09:00'],
    ['Call Ann next monday', 'Call Ann · due Mon 30 Nov 2026'],
    ['Call Ann next month', 'Call Ann · due Tue 1 Dec 2026'],
    ['Call Ann in 3 days', 'Call Ann · due Tue 1 Dec 2026'],
    ['Call Ann 5 dec', 'Call Ann · due Sat 5 Dec 2026'],
    ['Call Ann dec 5 at 5pm', 'Call Ann · due Sat 5 Dec 2026 17:00'],
    ['Call Ann at 5pm', 'Call Ann · due Sat 28 Nov 2026 17:00'],
    ['Call Ann this weekend', 'Call Ann · due Sat 28 Nov 2026'],
    ['Call Ann next weekend', 'Call Ann · due Sat 5 Dec 2026'],
    ['Call Ann day after tomorrow', 'Call Ann · due Mon 30 Nov 2026'],
    ['Call Ann tomorrow @ 5pm', 'Call Ann · due Sun 29 Nov 2026 17:00'],
    // The day and the time are in two places.
    ['Tomorrow call Ann 5pm', 'call Ann · due Sun 29 Nov 2026 17:00'],
    ['At 5pm call Ann tomorrow', 'call Ann · due Sun 29 Nov 2026 17:00'],
    ['Lunch on Friday with Bob at noon, please', 'Lunch with Bob, please · due Fri 4 Dec 2026 12:00'],
    ['Move 3pm call to tomorrow', 'Move 3pm call to · due Sun 29 Nov 2026'],
    ['Tomorrow call Ann in 2 hours', 'Tomorrow call Ann · due Sat 28 Nov 2026 13:42'],
    // This morning has passed.
    ['Run this morning', 'Run · due Sat 28 Nov 2026'],
    // `MET` is also a time zone.
    ['Dinner 7pm met Ann', 'Dinner met Ann · due Sat 28 Nov 2026 19:00'],
    ['Prepare Friday notes tomorrow', 'Prepare Friday notes · due Sun 29 Nov 2026'],
    ['Tomorrow prepare 4 Dec notes', 'prepare 4 Dec notes · due Sun 29 Nov 2026'],
  ])('%s → %s', (text, line) => {
    expect(describeText(text)).toBe(line);
  });
});

describe('markers of labels, lists and priority', () => {
  test.each([
    ['Pay #home #Home #work', 'Pay · #home · #work'],
    ['Pay #home, #work', 'Pay · #home · #work'],
    ['#home Pay', 'Pay · #home'],
    ['Pay #買い物 #naïve-2 #3d', 'Pay · #買い物 · #naïve-2 · #3d'],
    ['Call @"Two words" Ann', 'Call Ann · @"Two words"'],
    ['Ask @bob about it @work', 'Ask @bob about it · @work'],
    ['Pay !', 'Pay · priority low'],
    ['!!! Pay', 'Pay · priority high'],
    ['Pay ! now !!', 'Pay ! now · priority medium'],
    ['rm #work .bashrc', 'rm .bashrc · #work'],
  ])('%s → %s', (text, line) => {
    expect(describeText(text)).toBe(line);
  });
});

describe('texts that only look like a marker or a date remain the title', () => {
  test.each([
    'Learn C#',
    'We are #1',
    'See issue #12.',
    'Mail a@b.example',
    'Meet @5pm',
    'Call tom',
    'Der Tod',
    'Book the 7pm show',
    'Hooray!',
    'Wait!!!!',
    'Wait !!!!',
    '5',
    'Look at 5 apartments',
    'We may march',
    'I march 5 miles',
    'Read The Sun',
    'Sun Microsystems',
    'Pokémon cards',
    'Movie night',
    'High Noon',
    'Do it now',
    'Jump 1/2',
    'Pay 12/25/2026',
    'Open 24/7',
    'Study John 3:16 again',
    'Buy 3.50 euro stamps',
    'The Friday party',
    "Tomorrow's notes",
    'Robinson "Friday"',
    'Friday deals on Black Friday',
    'Water plants every Friday',
    'Call Ann last Friday',
    'Write since Monday',
    'Book a table for Friday',
    'Set the alarm for 6am',
    'Photos 3 Nov 2019',
    'Finish yesterday',
    'Rent a car 2 days',
    'Plan the weekend',
    'Conference Mon-Wed',
    'Meeting 9am-10am',
    'Open 2026-12-01.log',
    'https://example.org/2026-12-01/#home',
    'Meet (tomorrow)',
    'Read "The Day After Tomorrow"',
    'Say “tomorrow #home !!”',
    '"!!" #1',
    'C:\\tomorrow \\server',
    '27" monitor',
    'tabs\tand  two spaces',
  ])('%s', (text) => {
    expect(parse(text)).toEqual(toTitleOnly(text));
  });

  test.each([
    ['\\#home', '#home'],
    ['Fix \\#12 and \\@home \\!!', 'Fix #12 and @home !!'],
    ['Type \\"tomorrow" ', 'Type "tomorrow"'],
  ])('a backslash protects a marker: %s → %s', (text, title) => {
    expect(parse(text)).toMatchObject({ title, due: null, labels: [], list: null, priority: 0 });
  });

  test.each(['tomorrow', '#home', '!!', '@"Two words"', '#home tomorrow 9am !!'])(
    'a text without other words is the title: %s',
    (text) => {
      expect(parse(text)).toEqual(toTitleOnly(text));
    },
  );
});

test('a text of more than 1000 characters is a title only', () => {
  const text = `${'a '.repeat(500)}tomorrow`;
  expect(parse(text)).toMatchObject({ title: text, due: null });
});

test.each([
  // A Sunday, a Monday and a Wednesday.
  ['2026-11-29', 'this weekend', 'Sun 29 Nov'],
  ['2026-11-29', 'next week', 'Mon 30 Nov'],
  ['2026-11-29', 'sun', 'Sun 29 Nov'],
  ['2026-11-30', 'next week', 'Mon 7 Dec'],
  ['2026-11-30', 'next monday', 'Mon 7 Dec'],
  ['2026-11-30', 'this weekend', 'Sat 5 Dec'],
  ['2026-12-02', 'next week tue', 'Tue 8 Dec'],
  ['2026-12-02', 'sunday next week', 'Sun 13 Dec'],
  ['2026-12-02', 'next week sunday', 'Sun 13 Dec'],
  ['2026-12-02', 'end of month', 'Thu 31 Dec'],
])('on %s, %s is %s', (today, words, day) => {
  const at = { now: new Date(`${today}T11:42Z`), timeZone: 'UTC' };
  expect(toLine(parseQuickAdd(`Call Ann ${words}`, at, { findDates }))).toBe(`Call Ann · due ${day} 2026`);
});
