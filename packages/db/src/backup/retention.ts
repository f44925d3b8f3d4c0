/** How many backups are kept: the newest of each of the last days, weeks and months that have any. */
export interface Keep {
  readonly daily: number;
  readonly weekly: number;
  readonly monthly: number;
}

const dayMs = 86_400_000;

/** Which of these times are kept, all in UTC. The newest always is. */
export function toKept(times: readonly Date[], keep: Keep): Set<Date> {
  const newestFirst = times.toSorted((one, other) => other.getTime() - one.getTime());
  const kept = new Set(newestFirst.slice(0, 1));
  for (const [count, toPeriod] of [
    [keep.daily, toDay],
    [keep.weekly, toWeek],
    [keep.monthly, toMonth],
  ] as const) {
    const newestOf = new Map<string | number, Date>();
    for (const time of newestFirst) {
      const period = toPeriod(time);
      if (newestOf.has(period)) continue;
      if (newestOf.size === count) break;
      newestOf.set(period, time);
    }
    for (const time of newestOf.values()) kept.add(time);
  }
  return kept;
}

function toDay(time: Date): number {
  return Math.floor(time.getTime() / dayMs);
}

/** Weeks begin on Monday; the first day of 1970 was a Thursday. */
function toWeek(time: Date): number {
  return Math.floor((toDay(time) + 3) / 7);
}

function toMonth(time: Date): string {
  return time.toISOString().slice(0, 7);
}
