const minuteMs = 60_000;
const hourMs = 60 * minuteMs;
const dayMs = 24 * hourMs;

/** How long ago, in the fewest characters; the day where that is more than a month. */
export function toAge(then: Date, now: Date): string {
  const ms = now.getTime() - then.getTime();
  if (ms < minuteMs) return 'now';
  if (ms < hourMs) return `${Math.floor(ms / minuteMs)}m`;
  if (ms < dayMs) return `${Math.floor(ms / hourMs)}h`;
  if (ms < 30 * dayMs) return `${Math.floor(ms / dayMs)}d`;
  return toLocal(then).slice(0, 10);
}

/** A time for people, by the clock where they are. */
export function toMoment(then: Date, now: Date): string {
  const age = toAge(then, now);
  return `${toLocal(then)}${/[mhd]$/.test(age) ? `, ${age} ago` : ''}`;
}

/** Sweden writes times as ISO 8601 does. */
function toLocal(time: Date): string {
  return time.toLocaleString('sv-SE', { dateStyle: 'short', timeStyle: 'short' });
}
