import type { Due } from '@holdfast/client';
import type { Present } from '@holdfast/quick-add';
import { countDays, todayIn } from '@holdfast/task-values';

const toUtc = (date: string) => new Date(`${date}T00:00Z`);

/** Formats a due date for people, such as `Sun 29 Nov 2026 09:00`. */
export function describeDue({ date, time, timeZone }: Due): string {
  const parts = toUtc(date).toLocaleDateString('en-GB', {
    weekday: 'short',
    day: 'numeric',
    month: 'short',
    year: 'numeric',
    timeZone: 'UTC',
  });
  return [parts.replaceAll(',', ''), time, timeZone].filter(Boolean).join(' ');
}

/** Formats a due date briefly, such as `tomorrow 09:00`, `Fri` or `5 Dec`. */
export function toDueText({ date, time, timeZone }: Due, present: Present): string {
  const zone = timeZone === present.timeZone ? undefined : timeZone;
  return [toDayText(date, todayIn(present.timeZone, present.now)), time, zone].filter(Boolean).join(' ');
}

function toDayText(date: string, today: string): string {
  const days = countDays(today, date);
  if (days === 0) return 'today';
  if (days === 1) return 'tomorrow';
  const isNear = days > 0 && days < 7;
  return toUtc(date).toLocaleDateString('en-GB', {
    ...(isNear ? { weekday: 'short' } : { day: 'numeric', month: 'short' }),
    ...(date.slice(0, 4) !== today.slice(0, 4) && !isNear && { year: 'numeric' }),
    timeZone: 'UTC',
  });
}
