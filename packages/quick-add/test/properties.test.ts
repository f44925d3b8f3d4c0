import * as fc from 'fast-check';
import { afterEach, describe, expect, test } from 'vitest';
import { findDates } from '../src/dates.ts';
import { parseQuickAdd, type Present } from '../src/index.ts';
import { line } from './lines.ts';

const parse = (text: string, present: Present) => parseQuickAdd(text, present, { findDates });
const present = { now: new Date('2026-11-28T11:42:00Z'), timeZone: 'UTC' };

const processZone = process.env['TZ'];

function setProcessZone(zone: string): void {
  process.env['TZ'] = zone;
  expect(new Intl.DateTimeFormat().resolvedOptions().timeZone).toBe(zone);
}

afterEach(() => {
  if (processZone === undefined) delete process.env['TZ'];
  else process.env['TZ'] = processZone;
});

describe('dates are those of the zone of the user', () => {
  test.each([
    // 29 November, 00:42 in Auckland and 28 November, 03:42 in Los Angeles.
    ['Pacific/Auckland', '2026-11-28T11:42:00Z', 'x tomorrow', '2026-11-30', undefined],
    ['America/Los_Angeles', '2026-11-28T11:42:00Z', 'x tomorrow', '2026-11-29', undefined],
    ['Pacific/Auckland', '2026-11-27T22:00:00Z', 'x on Saturday', '2026-11-28', undefined],
    ['Pacific/Auckland', '2026-11-27T22:00:00Z', 'x 28 Nov', '2026-11-28', undefined],
    ['Europe/Berlin', '2026-11-28T20:00:00Z', 'x on Saturday', '2026-11-28', undefined],
    ['Europe/Berlin', '2026-11-28T20:00:00Z', 'x 28 Nov', '2026-11-28', undefined],
    // These times do not exist in other zones.
    ['UTC', '2026-03-29T00:30:00Z', 'x in 2 hours', '2026-03-29', '02:30'],
    ['UTC', '2026-03-29T02:30:00Z', 'x in 2 hours', '2026-03-29', '04:30'],
    ['UTC', '2026-10-25T01:30:00Z', 'x in 3 hours', '2026-10-25', '04:30'],
    ['Asia/Katmandu', '2026-11-28T11:42:00Z', 'x in 2 hours', '2026-11-28', '19:27'],
    // The clocks go forward at 02:00 to 03:00, and back at 03:00 to 02:00.
    ['Europe/Berlin', '2026-03-29T00:30:00Z', 'x in 2 hours', '2026-03-29', '04:30'],
    ['Europe/Berlin', '2026-10-25T00:30:00Z', 'x in 2 hours', '2026-10-25', '03:30'],
    ['Europe/Berlin', '2026-03-28T12:00:00Z', 'x tomorrow 9am', '2026-03-29', '09:00'],
    ['America/New_York', '2026-11-01T05:30:00Z', 'x in 90 minutes', '2026-11-01', '02:00'],
    // The day starts at 01:00.
    ['America/Santiago', '2026-09-06T04:10:00Z', 'x today', '2026-09-06', undefined],
    ['America/Santiago', '2026-09-05T12:00:00Z', 'x tomorrow', '2026-09-06', undefined],
    ['Australia/Lord_Howe', '2026-10-03T15:00:00Z', 'x in 1 hour', '2026-10-04', '03:00'],
    ['America/Los_Angeles', '2026-11-28T11:42:00Z', 'x 2026-12-01T01:00Z', '2026-11-30', '17:00'],
  ])('in %s at %s, %s is due on %s at %s', (timeZone, at, text, date, time) => {
    const due = { date, ...(time !== undefined && { time }) };
    for (const zone of ['UTC', timeZone, 'America/Santiago', 'Pacific/Kiritimati', 'Europe/Berlin']) {
      setProcessZone(zone);
      expect({ zone, due: parse(text, { now: new Date(at), timeZone }).due }).toEqual({ zone, due });
    }
  });
});

const anyText = fc.string({ unit: 'binary', maxLength: 60 });
const anyTime = fc.date({
  min: new Date('2000-01-01T00:00Z'),
  max: new Date('2100-01-01T00:00Z'),
  noInvalidDate: true,
});
const zone = fc.constantFrom(...Intl.supportedValuesOf('timeZone'));

test('any text that is not blank gives a title that is not blank and a due date that exists', () => {
  fc.assert(
    fc.property(fc.oneof(anyText, line), anyTime, zone, (text, now, timeZone) => {
      const { title, due, priority } = parse(text, { now, timeZone });
      expect(title === '').toBe(text.trim() === '');
      expect(title).toBe(title.trim());
      expect([0, 1, 2, 3]).toContain(priority);
      if (due === null) return;
      expect(new Date(`${due.date}T${due.time ?? '00:00'}Z`).toISOString().slice(0, 10)).toBe(due.date);
      expect(Object.keys(due).filter((key) => key !== 'date' && key !== 'time')).toEqual([]);
    }),
    { numRuns: 2000 },
  );
});

const toClock = (ms: number, timeZone: string) =>
  new Date(ms).toLocaleString('sv-SE', { dateStyle: 'short', timeStyle: 'short', timeZone });

test('in every zone and on every day, tomorrow and hours count from the clock of the user', () => {
  const processZone = fc.constantFrom('UTC', 'America/Santiago', 'Pacific/Kiritimati', 'Europe/Berlin');
  fc.assert(
    fc.property(anyTime, zone, fc.integer({ min: 1, max: 100 }), processZone, (now, timeZone, hours, inZone) => {
      setProcessZone(inZone);
      const later = parse(`x in ${hours} hours`, { now, timeZone }).due!;
      expect(`${later.date} ${later.time}`).toBe(toClock(now.getTime() + hours * 3_600_000, timeZone));
      const tomorrow = new Date(`${toClock(now.getTime(), timeZone).slice(0, 10)}T00:00Z`);
      tomorrow.setUTCDate(tomorrow.getUTCDate() + 1);
      const due = { date: tomorrow.toISOString().slice(0, 10), time: '02:30' };
      expect(parse('x tomorrow 2:30am', { now, timeZone }).due).toEqual(due);
    }),
    { numRuns: 1000 },
  );
});

const toSorted = (text: string) =>
  text
    .replaceAll(/[\s,.;:!?\\]/g, '')
    .split('')
    .sort()
    .join('');

test('nothing of the text is lost: each character is in the title or in a part', () => {
  fc.assert(
    fc.property(line, (text) => {
      const { title, parts } = parse(text, present);
      const all = [title, ...parts.map((part) => part.text)].join('');
      expect(toSorted(all)).toBe(toSorted(text));
    }),
    { numRuns: 2000 },
  );
});

test('plain words without markers come back unchanged', () => {
  const plain = fc.string({
    // No English word for a date, a weekday or a month can be written with these letters.
    unit: fc.constantFrom(...'bcdghiklprstäßжя買.,-()?'.split('')),
    minLength: 1,
    maxLength: 5,
  });
  fc.assert(
    fc.property(fc.array(plain, { minLength: 1 }), fc.constantFrom(' ', '  ', '\t'), (words, space) => {
      const text = words.join(space);
      expect(parse(text, present)).toMatchObject({ title: text, due: null, labels: [], list: null });
    }),
    { numRuns: 1000 },
  );
});
