import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { findDates } from '../src/dates.ts';
import { parseQuickAdd, type Range } from '../src/index.ts';
import { line } from './lines.ts';
import { toLine } from './to-line.ts';

/** A Saturday. */
const present = { now: new Date('2026-11-28T11:42:00Z'), timeZone: 'UTC' };
const parse = (text: string, literal: Range[] = []) => parseQuickAdd(text, present, { findDates, literal });
const toTexts = (text: string) => parse(text).parts.map((part) => `${part.kind} ${part.text}`);

describe('parts have their place in the text', () => {
  test.each([
    ['Pay #home, #work', ['label #home', 'label #work']],
    ['Pay @"Two words"; soon', ['list @"Two words"']],
    ['Send the form by Friday!', ['due by Friday']],
    ['Pay rent tomorrow #home 9am', ['due tomorrow', 'label #home', 'due 9am']],
    ['Tomorrow \\#home call Ann at 5pm', ['due Tomorrow', 'due at 5pm']],
    ['Ask @bob about it @work ! !!', ['list @work', 'priority !!']],
    ['Pay #home #Home', ['label #home', 'label #Home']],
    ['😀 #home 😀 tomorrow', ['label #home', 'due tomorrow']],
    ['Renew the passport in 5 years', ['due in 5 years']],
  ])('%s → %j', (text, parts) => {
    expect(toTexts(text)).toEqual(parts);
  });

  test('without a finder of dates, markers are found and dates remain in the title', () => {
    const { parts, ...rest } = parseQuickAdd('Pay tomorrow #home', present);
    expect(rest).toEqual({ title: 'Pay tomorrow', due: null, labels: ['home'], list: null, priority: 0 });
    expect(parts).toEqual([{ kind: 'label', text: '#home', start: 13, end: 18 }]);
  });
});

describe('literal parts remain in the title', () => {
  test.each([
    ['Pay #home tomorrow', '#home', 'Pay #home · due Sun 29 Nov 2026'],
    ['Pay #home tomorrow', 'tomorrow', 'Pay tomorrow · #home'],
    ['Call Ann tomorrow, then on Friday', 'on Friday', 'Call Ann, then on Friday · due Sun 29 Nov 2026'],
    ['Ask @bob about it @work', '@work', 'Ask about it @work · @bob'],
    ['Pay !!', '!!', 'Pay !!'],
    ['Type \\#home', '\\#home', 'Type \\#home'],
  ])('%s with the literal %s → %s', (text, literal, interpretation) => {
    const start = text.lastIndexOf(literal);
    expect(toLine(parse(text, [{ start, end: start + literal.length }]))).toBe(interpretation);
  });

  test('ranges outside the text have no effect', () => {
    const outside = [
      { start: -5, end: 0 },
      { start: 18, end: 99 },
      { start: 9, end: 2 },
    ];
    expect(parse('Pay #home tomorrow', outside)).toEqual(parse('Pay #home tomorrow'));
  });
});

test('parts are within the text, in its order, and do not overlap', () => {
  fc.assert(
    fc.property(line, (text) => {
      let from = 0;
      for (const { start, end, text: found } of parse(text).parts) {
        expect(start).toBeGreaterThanOrEqual(from);
        expect(found).toBe(text.slice(start, end));
        expect(found).toMatch(/^\S(?:.*\S)?$/s);
        from = end;
      }
      expect(from).toBeLessThanOrEqual(text.length);
    }),
    { numRuns: 2000 },
  );
});

const toWords = (text: string) =>
  text
    .replaceAll(/[,.;:!?]+(?=\s|$)/g, ' ')
    .split(/\s+/)
    .filter((word) => word !== '');

test('without protected text, the title has exactly the words that are in no part', () => {
  fc.assert(
    fc.property(line, (given) => {
      const text = given.replaceAll(/["“”\\]/g, '');
      const { title, parts } = parse(text);
      const rest = parts.reduceRight((rest, { start, end }) => `${rest.slice(0, start)} ${rest.slice(end)}`, text);
      expect(toWords(title)).toEqual(toWords(rest));
    }),
    { numRuns: 2000 },
  );
});

test('each part stays in the title when it is literal, and the rest of the text is still understood', () => {
  fc.assert(
    fc.property(line, fc.nat(), (text, at) => {
      const { parts } = parse(text);
      fc.pre(parts.length > 0);
      const literal = parts[at % parts.length]!;
      const { title, parts: others } = parse(text, [literal]);
      expect(title).toContain(literal.text);
      expect(others.filter(({ start, end }) => start < literal.end && literal.start < end)).toEqual([]);
    }),
    { numRuns: 2000 },
  );
});

test('if all parts are made literal one after the other, the whole text is the title', () => {
  fc.assert(
    fc.property(line, (given) => {
      const text = given.replaceAll('\\', '');
      const literal: Range[] = [];
      for (let { parts } = parse(text); parts.length > 0; { parts } = parse(text, literal)) literal.push(parts[0]!);
      expect(parse(text, literal).title).toBe(text.trim());
    }),
    { numRuns: 500 },
  );
});

test('texts of 1,000 characters are parsed, also if they repeat what a pattern repeats', () => {
  const piece = fc.oneof(
    fc.constantFrom(
      'tomorrow ',
      'at 5 ',
      '9am,',
      '#a',
      '@"',
      '“',
      '\\#',
      '! ',
      'in 1 ',
      '1:',
      '1-',
      '1/',
      'next ',
      'nov ',
    ),
    fc.string({ unit: 'binary', minLength: 1, maxLength: 4 }),
  );
  const long = fc
    .tuple(piece, fc.array(piece, { maxLength: 2 }))
    .map(([first, others]) => [first, ...others].join('').repeat(1000).slice(0, 1000));
  fc.assert(
    fc.property(long, (text) => {
      expect(parse(text).title === '').toBe(text.trim() === '');
    }),
    { numRuns: 50 },
  );
});
