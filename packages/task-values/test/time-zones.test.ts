import { readFileSync } from 'node:fs';
import { expect, test, vi } from 'vitest';
import { findInstant, resolveTimeZone, todayIn, toLocalTime } from '../src/index.ts';

/** All names of the IANA database 2025b, with the older ones. */
const names = readFileSync(new URL('fixtures/iana-names.txt', import.meta.url), 'utf8')
  .trim()
  .split('\n');
const linked = new Map([
  ['CET', 'Europe/Brussels'],
  ['EET', 'Europe/Athens'],
  ['MET', 'Europe/Brussels'],
  ['WET', 'Europe/Lisbon'],
]);

test('every name of the IANA database keeps its identity and gets its spelling back from any case', () => {
  expect(names.length).toBeGreaterThan(590);
  for (const name of names) {
    const expected = linked.get(name) ?? name;
    expect(resolveTimeZone(name)).toBe(expected);
    expect(resolveTimeZone(name.toLowerCase())).toBe(expected);
    expect(resolveTimeZone(name.toUpperCase())).toBe(expected);
  }
});

test('every zone that Intl lists is a name of the IANA database', () => {
  expect(Intl.supportedValuesOf('timeZone').filter((name) => resolveTimeZone(name) !== name)).toEqual([]);
});

test('three letters are a zone only if the IANA database has the name', () => {
  const letters = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ'.split('');
  const all = letters.flatMap((first) => letters.flatMap((second) => letters.map((third) => first + second + third)));
  const found = all.filter((name) => resolveTimeZone(name) !== null);
  expect(found.toSorted()).toEqual(names.filter((name) => /^[A-Z]{3}$/.test(name)).toSorted());
});

test('names that Intl does not have, offsets and very long names are unknown', () => {
  const unknown = [
    '',
    'Mars/Base',
    '+02:00',
    '-05',
    'UTC+2',
    'Etc/GMT+99',
    'CET-1CEST',
    'Asia__Tokyo',
    'x'.repeat(100_000),
  ];
  const foreign = ['SystemV/PST8', 'US/Pacific-New', 'Canada/East-Saskatchewan', 'Europe/Berlin\0', 'Еurope/Berlin'];
  expect([...unknown, ...foreign].filter((name) => resolveTimeZone(name) !== null)).toEqual([]);
});

test('the formatter of each zone is created once, whatever the case of its name', () => {
  for (const name of names) resolveTimeZone(name);
  const create = vi.spyOn(Intl, 'DateTimeFormat');
  for (const name of names) resolveTimeZone(name.toUpperCase());
  expect(create).not.toHaveBeenCalled();
  create.mockRestore();
});

test('the date and the time of an instant differ between zones', () => {
  const now = new Date('2026-12-31T23:30:00.999Z');
  expect(toLocalTime(null, now)).toEqual({ date: '2026-12-31', time: '23:30' });
  expect(toLocalTime('UTC', now)).toEqual({ date: '2026-12-31', time: '23:30' });
  expect(toLocalTime('asia/kathmandu', now)).toEqual({ date: '2027-01-01', time: '05:15' });
  expect(todayIn('Pacific/Kiritimati', now)).toBe('2027-01-01');
  expect(todayIn('America/New_York', now)).toBe('2026-12-31');
});

test('midnight is 00:00 of the new day', () => {
  expect(toLocalTime('Europe/Berlin', new Date('2026-07-01T22:00:00Z'))).toEqual({ date: '2026-07-02', time: '00:00' });
});

test('a time before 1970 is rounded down to the minute', () => {
  expect(toLocalTime('UTC', new Date('1969-12-31T23:59:59.999Z'))).toEqual({ date: '1969-12-31', time: '23:59' });
});

test('the local time of an unknown zone throws a RangeError', () => {
  expect(() => todayIn('Mars/Base', new Date(0))).toThrow(new RangeError('The time zone is unknown.'));
});

const find = (date: string, time: string, zone = 'Europe/Berlin') => findInstant(zone, { date, time })?.toISOString();

test('findInstant returns the instant of a local time, the earlier one of two, and none for a skipped time', () => {
  expect(find('2026-06-15', '09:30')).toBe('2026-06-15T07:30:00.000Z');
  expect(find('2026-10-25', '02:30')).toBe('2026-10-25T00:30:00.000Z');
  expect(find('2026-03-29', '02:30')).toBeUndefined();
  expect(find('2026-03-29', '03:00')).toBe('2026-03-29T01:00:00.000Z');
  expect(find('2026-01-01', '00:00', 'Pacific/Kiritimati')).toBe('2025-12-31T10:00:00.000Z');
  expect(() => find('2026-01-01', '00:00', 'Nowhere')).toThrow(RangeError);
});
