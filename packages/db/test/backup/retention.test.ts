import { expect, test } from 'vitest';
import { type RetentionPolicy, selectRetained } from '../../src/backup/retention.ts';

const hourMs = 3_600_000;

function every(hours: number, count: number, from = '2026-11-21T03:00:00Z'): Date[] {
  return Array.from({ length: count }, (_, at) => new Date(Date.parse(from) - at * hours * hourMs));
}

function retainedOf(times: Date[], policy: RetentionPolicy): string[] {
  return [...selectRetained(times, policy)].map((time) => time.toISOString().slice(0, 13)).sort();
}

test('of daily backups, the last days and the newest of the last weeks and months are retained', () => {
  expect(retainedOf(every(24, 500), { daily: 3, weekly: 3, monthly: 3 })).toEqual([
    '2026-09-30T03',
    '2026-10-31T03',
    '2026-11-08T03',
    '2026-11-15T03',
    '2026-11-19T03',
    '2026-11-20T03',
    '2026-11-21T03',
  ]);
});

test('of several backups on one day, the newest is retained', () => {
  expect(retainedOf(every(1, 48), { daily: 2, weekly: 0, monthly: 0 })).toEqual(['2026-11-20T23', '2026-11-21T03']);
});

test('days without a backup do not count toward the retention limits', () => {
  const times = [...every(24, 3), ...every(24, 3, '2025-01-10T03:00:00Z')];
  expect(retainedOf(times, { daily: 5, weekly: 0, monthly: 0 })).toHaveLength(5);
});

test('the newest backup is retained under every policy, and an empty list stays empty', () => {
  expect(retainedOf(every(24, 5), { daily: 0, weekly: 0, monthly: 0 })).toEqual(['2026-11-21T03']);
  expect(retainedOf([], { daily: 7, weekly: 4, monthly: 12 })).toEqual([]);
});

test('a policy of 7 days, 4 weeks and 12 months reduces a year of daily backups to 23 or fewer', () => {
  expect(retainedOf(every(24, 400), { daily: 7, weekly: 4, monthly: 12 }).length).toBeLessThanOrEqual(23);
});

test('of a backup every quarter of an hour, the last ones and the newest of each of the last hours are retained', () => {
  const times = every(1 / 4, 100);
  const policy = { daily: 0, weekly: 0, monthly: 0 };
  const hours = [...selectRetained(times, { ...policy, hourly: 3 })].map((time) => time.toISOString().slice(11, 16));
  expect(hours.sort()).toEqual(['01:45', '02:45', '03:00']);
  const last = [...selectRetained(times, { ...policy, last: 3 })].map((time) => time.toISOString().slice(11, 16));
  expect(last.sort()).toEqual(['02:30', '02:45', '03:00']);
});
