/**
 * How many backups to retain: the newest of each of the last days, weeks and months that have a backup. Periods without a
 * backup do not count.
 */
export interface RetentionPolicy {
  readonly daily: number;
  readonly weekly: number;
  readonly monthly: number;
}

const dayMs = 86_400_000;

/** Returns the times to retain, by UTC days, weeks and months. Always includes the newest time. */
export function selectRetained(times: readonly Date[], policy: RetentionPolicy): Set<Date> {
  const newestFirst = times.toSorted((one, other) => other.getTime() - one.getTime());
  const retained = new Set(newestFirst.slice(0, 1));
  for (const [count, toPeriod] of [
    [policy.daily, toDay],
    [policy.weekly, toWeek],
    [policy.monthly, toMonth],
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
