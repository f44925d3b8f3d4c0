const minuteMs = 60_000;
const hourMs = 60 * minuteMs;
const dayMs = 24 * hourMs;

/** Age in a few characters, such as `5m`, or the date if it is 30 days or more. */
export function toAge(then: Date, now: Date): string {
  const ms = now.getTime() - then.getTime();
  if (ms < minuteMs) return 'now';
  if (ms < hourMs) return `${Math.floor(ms / minuteMs)}m`;
  if (ms < dayMs) return `${Math.floor(ms / hourMs)}h`;
  if (ms < 30 * dayMs) return `${Math.floor(ms / dayMs)}d`;
  return toLocal(then).slice(0, 10);
}

/** Local time with its age, such as `2026-01-31 09:30, 5m ago`. */
export function toMoment(then: Date, now: Date): string {
  const age = toAge(then, now);
  return `${toLocal(then)}${/[mhd]$/.test(age) ? `, ${age} ago` : ''}`;
}

/** The Swedish format is like ISO 8601. */
function toLocal(time: Date): string {
  return time.toLocaleString('sv-SE', { dateStyle: 'short', timeStyle: 'short' });
}
