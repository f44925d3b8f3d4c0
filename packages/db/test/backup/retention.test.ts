import { expect, test } from 'vitest';
import { toKept } from '../../src/backup/retention.ts';

const hourMs = 3_600_000;

function every(hours: number, count: number, from = '2026-11-21T03:00:00Z'): Date[] {
  return Array.from({ length: count }, (_, at) => new Date(Date.parse(from) - at * hours * hourMs));
}

function keptOf(times: Date[], keep: Parameters<typeof toKept>[1]): string[] {
  return [...toKept(times, keep)].map((time) => time.toISOString().slice(0, 13)).sort();
}

test('of daily backups the last days, the last weeks’ newest and the last months’ newest are kept', () => {
  expect(keptOf(every(24, 500), { daily: 3, weekly: 3, monthly: 3 })).toEqual([
    '2026-09-30T03',
    '2026-10-31T03',
    '2026-11-08T03',
    '2026-11-15T03',
    '2026-11-19T03',
    '2026-11-20T03',
    '2026-11-21T03',
  ]);
});

test('of several backups a day the newest is kept', () => {
  expect(keptOf(every(1, 48), { daily: 2, weekly: 0, monthly: 0 })).toEqual(['2026-11-20T23', '2026-11-21T03']);
});

test('days without a backup do not count, so nothing is lost by waiting', () => {
  const times = [...every(24, 3), ...every(24, 3, '2025-01-10T03:00:00Z')];
  expect(keptOf(times, { daily: 5, weekly: 0, monthly: 0 })).toHaveLength(5);
});

test('the newest is kept whatever is asked for, and nothing where there is nothing', () => {
  expect(keptOf(every(24, 5), { daily: 0, weekly: 0, monthly: 0 })).toEqual(['2026-11-21T03']);
  expect(keptOf([], { daily: 7, weekly: 4, monthly: 12 })).toEqual([]);
});

test('a year of daily backups comes down to a score', () => {
  expect(keptOf(every(24, 400), { daily: 7, weekly: 4, monthly: 12 }).length).toBeLessThanOrEqual(23);
});
