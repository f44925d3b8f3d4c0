import type { List } from '@holdfast/client';
import { findDates } from '@holdfast/quick-add/dates';
import { describe, expect, test } from 'vitest';
import {
  findProblem,
  interpret,
  interpretWithKnownLists,
  type InterpretOptions,
  toTask,
} from '../src/quick-add/interpret.ts';
import { toLines } from '../src/quick-add/lines.ts';
import { moveRanges } from '../src/quick-add/literals.ts';
import { findToken, suggest, toMarker } from '../src/quick-add/suggest.ts';

const toList = (name: string) => ({ id: `id of ${name}`, name, color: null }) as List;
const lists = ['Work', 'work', 'Two words', 'Café'].map(toList);
const known = { labels: ['home', 'homework', 'at home', 'office'], lists, inbox: 'Inbox' };

describe('a range that the user set back to text follows its text', () => {
  const home = [{ start: 4, end: 9 }];
  test.each([
    ['after a text before it', 'Pay #home', 'Please Pay #home', '#home'],
    ['after a text behind it', 'Pay #home', 'Pay #home now', '#home'],
    ['after a space behind it', 'Pay #home', 'Pay #home ', '#home'],
    ['when a word before it is deleted', 'Pay #home', '#home', '#home'],
    ['not when its word becomes longer', 'Pay #home', 'Pay #homes', undefined],
    ['not when it changes', 'Pay #home', 'Pay #hoe', undefined],
    ['not when it is deleted', 'Pay #home', 'Pay ', undefined],
    ['not when a letter is put before it', 'Pay #home', 'Pay x#home', undefined],
  ])('%s', (_case, before, after, text) => {
    const [range] = moveRanges(home, before, after);
    expect(range && after.slice(range.start, range.end)).toBe(text);
  });
});

const toNames = (text: string) => suggest(findToken(text, text.length)!, known).map(({ text }) => text);

describe('the marker at the caret gives suggestions', () => {
  test.each([
    ['Pay #ho', ['home', 'homework', 'New label “ho”']],
    ['Pay #HOME', ['home', 'homework']],
    ['Pay #12', []],
    ['Pay @wor', ['Work', 'work', 'Two words', 'New list “wor”']],
    ['Pay @cafe', ['Café', 'New list “cafe”']],
    ['Pay @"two w', ['Two words', 'New list “two w”']],
    ['@', ['Inbox', 'Work', 'work', 'Two words', 'Café']],
  ])('%s → %j', (text, names) => {
    expect(toNames(text)).toEqual(names);
  });

  test.each(['Pay', 'a@b', 'C#', 'Pay #home ', 'Pay @"Two words" '])('there is no marker at the end of %j', (text) => {
    expect(findToken(text, text.length)).toBeUndefined();
  });

  test('the rest of a word behind the caret belongs to the marker', () => {
    expect(findToken('Pay #home now', 7)).toEqual({ kind: 'label', query: 'ho', start: 4, end: 9 });
    expect(findToken('Pay @"Two words" now', 8)).toEqual({ kind: 'list', query: 'Tw', start: 4, end: 16 });
  });

  test('names with spaces are written with quotes', () => {
    expect(toMarker({ kind: 'list', name: 'Two words' })).toBe('@"Two words"');
    expect(toMarker({ kind: 'list', name: 'Café' })).toBe('@Café');
    expect(toMarker({ kind: 'label', name: 'home' })).toBe('#home');
  });
});

describe('the interpretation of a line', () => {
  const options: InterpretOptions = {
    present: { now: new Date('2026-11-28T11:42:00Z'), timeZone: 'UTC' },
    findDates,
    lists,
    inbox: 'Inbox',
    defaults: { listId: 'id of Café', date: '2026-11-28', label: 'home' },
  };
  const toNew = (text: string) => toTask(interpret(text, options), options.defaults);

  test('values that the text does not name come from the screen', () => {
    expect(toNew('Pay')).toEqual({
      title: 'Pay',
      listId: 'id of Café',
      labels: ['home'],
      due: { date: '2026-11-28' },
    });
    expect(toNew('Pay tomorrow 9am #Home @inbox !')).toEqual({
      title: 'Pay',
      listId: null,
      labels: ['Home'],
      due: { date: '2026-11-29', time: '09:00' },
      priority: 1,
    });
  });

  test('the case of a list counts only if two lists differ in nothing else', () => {
    expect(toNew('Pay @work').listId).toBe('id of work');
    expect(toNew('Pay @WORK').listId).toBe('id of Work');
    expect(toNew('Pay @"two words"').listId).toBe('id of Two words');
    expect(interpret('Pay @garden', options)).toMatchObject({ list: 'garden', listId: undefined });
  });

  test('in pasted lines, lists that do not exist remain in the title', () => {
    expect(interpretWithKnownLists('Ask @bob @garden', options)).toMatchObject({
      title: 'Ask @bob @garden',
      listId: 'id of Café',
    });
    expect(interpretWithKnownLists('Ask @work @garden', options)).toMatchObject({
      title: 'Ask @garden',
      listId: 'id of work',
    });
  });

  test('what the server would refuse is said in a sentence', () => {
    const labels = Array.from({ length: 21 }, (_, at) => `label${at}`);
    expect(findProblem({ title: '😀'.repeat(500) })).toBeNull();
    expect(findProblem({ title: 'x'.repeat(501) })).toBe('The title has 501 characters. Shorten it to 500.');
    expect(findProblem({ title: 'x', labels })).toBe('The task has 21 labels. Remove 1.');
    expect(findProblem({ title: 'x', labels: ['y'.repeat(51)] })).toMatch(/^The label “y{20}…” is too long\./);
  });
});

test('pasted lines are tasks without the signs of a list', () => {
  expect(toLines('- [ ] Pay\r\n* Call Ann\n\n  • Swim\n-5 degrees\nRun - fast')).toEqual([
    'Pay',
    'Call Ann',
    'Swim',
    '-5 degrees',
    'Run - fast',
  ]);
});
