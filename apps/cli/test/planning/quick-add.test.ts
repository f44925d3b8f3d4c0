import { describe, expect, test } from 'vitest';
import { describeInterpretation } from '../../src/planning/describe.ts';
import { parseQuickAdd } from '../../src/planning/quick-add.ts';

/** A Saturday. */
const now = new Date('2026-11-28T11:42:00Z');
const present = { now, timeZone: 'UTC' };
const describeText = (text: string) => describeInterpretation(parseQuickAdd(text, present));

const toTitleOnly = (title: string) => ({ title, due: null, labels: [], list: null, priority: 0, parts: [] });

test('one line gives title, due date, label, list and priority of a task', () => {
  expect(parseQuickAdd('Pay rent tomorrow 9am #home @money !!', present)).toEqual({
    title: 'Pay rent',
    due: { date: '2026-11-29', time: '09:00' },
    labels: ['home'],
    list: 'money',
    priority: 2,
    parts: [
      { kind: 'label', text: '#home' },
      { kind: 'list', text: '@money' },
      { kind: 'priority', text: '!!' },
      { kind: 'due', text: 'tomorrow 9am' },
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
    'Meet @ noon',
    'Hooray!',
    'Wait!!!!',
    'Wait !!!!',
    '5',
    'Look at 5 apartments',
    'We may march',
    'I march 5 miles',
    'Read The Sun',
    'Sun Microsystems',
    'Get wed',
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
    'Plan next week',
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
    expect(parseQuickAdd(text, present)).toEqual(toTitleOnly(text));
  });

  test.each([
    ['\\#home', '#home'],
    ['Fix \\#12 and \\@home \\!!', 'Fix #12 and @home !!'],
    ['Type \\"tomorrow" ', 'Type "tomorrow"'],
  ])('a backslash protects a marker: %s → %s', (text, title) => {
    expect(parseQuickAdd(text, present)).toMatchObject({ title, due: null, labels: [], list: null, priority: 0 });
  });

  test.each(['tomorrow', '#home', '!!', '@"Two words"', '#home tomorrow 9am !!'])(
    'a text without other words is the title: %s',
    (text) => {
      expect(parseQuickAdd(text, present)).toEqual(toTitleOnly(text));
    },
  );
});

test('the line that shows the interpretation has no control characters', () => {
  const { due, ...rest } = parseQuickAdd('Pay \u001b[31m tomorrow', present);
  expect(describeInterpretation({ ...rest, due })).toBe('Pay \\u001b[31m · due Sun 29 Nov 2026');
});

test('a text of more than 1000 characters is a title only', () => {
  const text = `${'a '.repeat(500)}tomorrow`;
  expect(parseQuickAdd(text, present)).toMatchObject({ title: text, due: null });
});
