/** A due date as it is on the wire: a date, a date with a local time, or a date and time in a zone. */
export interface Due {
  date: string;
  time?: string;
  timeZone?: string;
}

/** The present for one user. */
export interface Present {
  now: Date;
  /** IANA name of the user's zone. */
  timeZone: string;
}

const dayMs = 86_400_000;

/** Date and time that a clock in the zone shows. The Swedish format is like ISO 8601. */
export function toLocal(instant: Date, timeZone: string): { date: string; time: string } {
  const text = instant.toLocaleString('sv-SE', { dateStyle: 'short', timeStyle: 'short', timeZone });
  return { date: text.slice(0, 10), time: text.slice(11, 16) };
}

export const toToday = ({ now, timeZone }: Present) => toLocal(now, timeZone).date;

/** Formats a date of the years 1 to 9999. Undefined if it does not exist. */
export function findDate(year: number | null, month: number | null, day: number | null): string | undefined {
  if (!year || !month || !day || year < 1 || year > 9999) return undefined;
  const text = [year, month, day].map((part, index) => String(part).padStart(index === 0 ? 4 : 2, '0')).join('-');
  const time = Date.parse(`${text}T00:00Z`);
  return !Number.isNaN(time) && toText(time) === text ? text : undefined;
}

export const addDays = (date: string, days: number) => toText(toTime(date) + days * dayMs);

/** Day of the week: 1 for Monday to 7 for Sunday, as in ISO 8601. */
export const toWeekday = (date: string) => new Date(toTime(date)).getUTCDay() || 7;

const toTime = (date: string) => Date.parse(`${date}T00:00Z`);
const toText = (time: number) => new Date(time).toISOString().slice(0, 10);

export function isTimeZone(name: string): boolean {
  try {
    return new Intl.DateTimeFormat('en', { timeZone: name }) instanceof Intl.DateTimeFormat;
  } catch {
    return false;
  }
}

/** Formats a due date for people, such as `Sun 29 Nov 2026 09:00`. */
export function describeDue({ date, time, timeZone }: Due): string {
  const parts = new Date(toTime(date)).toLocaleDateString('en-GB', {
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
  return [toDayText(date, toToday(present)), time, zone].filter(Boolean).join(' ');
}

function toDayText(date: string, today: string): string {
  const days = (toTime(date) - toTime(today)) / dayMs;
  if (days === 0) return 'today';
  if (days === 1) return 'tomorrow';
  const isNear = days > 0 && days < 7;
  return new Date(toTime(date)).toLocaleDateString('en-GB', {
    ...(isNear ? { weekday: 'short' } : { day: 'numeric', month: 'short' }),
    ...(date.slice(0, 4) !== today.slice(0, 4) && !isNear && { year: 'numeric' }),
    timeZone: 'UTC',
  });
}
