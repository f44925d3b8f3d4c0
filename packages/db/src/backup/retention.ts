/**
 * How many backups to retain: the last ones, and the newest of each of the last hours, days, weeks and months that have a
 * backup. Periods without a backup do not count.
 */
export interface RetentionPolicy {
  /** Default 0. The newest backup is always retained. */
  readonly last?: number;
  /** Default 0. */
  readonly hourly?: number;
  readonly daily: number;
  readonly weekly: number;
  readonly monthly: number;
}

const hourMs = 3_600_000;
const dayMs = 24 * hourMs;

/** Returns the times to retain, by UTC hours, days, weeks and months. Always includes the newest time. */
export function selectRetained(
  times: readonly Date[],
  { last = 0, hourly = 0, daily, weekly, monthly }: RetentionPolicy,
): Set<Date> {
  const newestFirst = times.toSorted((one, other) => other.getTime() - one.getTime());
  const retained = new Set(newestFirst.slice(0, Math.max(1, last)));
  for (const [count, toPeriod] of [
    [hourly, toHour],
    [daily, toDay],
    [weekly, toWeek],
    [monthly, toMonth],
  ] as const) {
    const newestOf = new Map<string | number, Date>();
    for (const time of newestFirst) {
      const period = toPeriod(time);
      if (newestOf.has(period)) continue;
      if (newestOf.size === count) break;
      newestOf.set(period, time);
    }
    for (const time of newestOf.values()) retained.add(time);
  }
  return retained;
}

function toHour(time: Date): number {
  return Math.floor(time.getTime() / hourMs);
}

function toDay(time: Date): number {
  return Math.floor(time.getTime() / dayMs);
}

/** Weeks start on Monday. Day 0, the first of January 1970, was a Thursday. */
function toWeek(time: Date): number {
  return Math.floor((toDay(time) + 3) / 7);
}

function toMonth(time: Date): string {
  return time.toISOString().slice(0, 7);
}
