const countersMax = 20_000;

/** At most `max` in each `window`, in seconds. */
interface Rule {
  window: number;
  max: number;
}

/** Counts per key in fixed windows, in this process's memory. */
export interface Throttle {
  /** Counts one; `retryAfter` is in seconds, null when it is allowed. */
  consume(key: string, rule: Rule): Promise<{ allowed: boolean; retryAfter: number | null }>;
}

export function createThrottle(): Throttle {
  const counters = new Map<string, { count: number; endsAt: number }>();

  function openCounter(key: string, now: number, { window }: Rule) {
    counters.delete(key);
    if (counters.size >= countersMax) {
      for (const [other, { endsAt }] of counters) if (endsAt <= now) counters.delete(other);
      // Still full: the oldest goes, so that memory has a limit.
      const [oldest] = counters.keys();
      if (counters.size >= countersMax && oldest !== undefined) counters.delete(oldest);
    }
    const counter = { count: 0, endsAt: now + window * 1000 };
    counters.set(key, counter);
    return counter;
  }

  return {
    async consume(key, rule) {
      const now = Date.now();
      const known = counters.get(key);
      const counter = known && known.endsAt > now ? known : openCounter(key, now, rule);
      if (counter.count >= rule.max) return { allowed: false, retryAfter: Math.ceil((counter.endsAt - now) / 1000) };
      counter.count += 1;
      return { allowed: true, retryAfter: null };
    },
  };
}
