import { addDays } from '@holdfast/task-values';
import { type Present, toToday } from '../data/present.ts';

/** A due date as on the wire. */
interface Due {
  date: string;
  time?: string | undefined;
  timeZone?: string | undefined;
}

const formats = new Map<string, Intl.DateTimeFormat>();

/** Formats in the browser's locale. They are made once, because making one costs as much as fifty uses. */
function getFormat(options: Intl.DateTimeFormatOptions): Intl.DateTimeFormat {
  const key = JSON.stringify(options);
  let format = formats.get(key);
  if (format === undefined) formats.set(key, (format = new Intl.DateTimeFormat(undefined, options)));
  return format;
}

/** Dates have no zone. They are formatted as days of UTC. */
const toInstant = (date: string, time = '00:00') => new Date(`${date}T${time}Z`);

const numbers = new Intl.NumberFormat();

export const formatNumber = (value: number) => numbers.format(value);

export const formatDay = (date: string) =>
  getFormat({ weekday: 'long', day: 'numeric', month: 'long', timeZone: 'UTC' }).format(toInstant(date));

export const formatWeekday = (date: string, weekday: 'long' | 'short' = 'long') =>
  getFormat({ weekday, timeZone: 'UTC' }).format(toInstant(date));

/** Such as `December 2026`. */
export const formatMonth = (date: string) =>
  getFormat({ month: 'long', year: 'numeric', timeZone: 'UTC' }).format(toInstant(date));

export const formatTime = (time: string) =>
  getFormat({ hour: 'numeric', minute: '2-digit', timeZone: 'UTC' }).format(toInstant('2001-01-01', time));

/** Such as `5 Dec`, with the year if it is another one. */
export function formatDate(date: string, today: string): string {
  const year = date.slice(0, 4) === today.slice(0, 4) ? {} : { year: 'numeric' as const };
  return getFormat({ day: 'numeric', month: 'short', ...year, timeZone: 'UTC' }).format(toInstant(date));
}

/** Such as `Today`, `Tomorrow`, `Friday` or `5 Dec`. */
export function formatRelativeDay(date: string, today: string): string {
  if (date === today) return 'Today';
  if (date === addDays(today, 1)) return 'Tomorrow';
  if (date === addDays(today, -1)) return 'Yesterday';
  const isNear = date > today && date < addDays(today, 7);
  return isNear ? getFormat({ weekday: 'long', timeZone: 'UTC' }).format(toInstant(date)) : formatDate(date, today);
}

/** Such as `Tomorrow, 9:00 AM`. The zone is named only if it is not the user's. */
export function formatDue({ date, time, timeZone }: Due, present: Present): string {
  const parts = [formatRelativeDay(date, toToday(present))];
  if (time !== undefined) parts.push(formatTime(time));
  if (timeZone !== undefined && timeZone !== present.timeZone)
    parts.push(timeZone.split('/').at(-1)!.replaceAll('_', ' '));
  return parts.join(', ');
}

/** Date and time of an instant in the user's zone. */
export const formatInstant = (instant: string, timeZone: string) =>
  getFormat({ dateStyle: 'medium', timeStyle: 'short', timeZone }).format(new Date(instant));

/** Such as `Europe / Berlin`. */
export const formatZone = (zone: string) => zone.replaceAll('_', ' ').replaceAll('/', ' / ');

/** The time of day in a zone. */
export const formatClock = (timeZone: string) =>
  getFormat({ hour: 'numeric', minute: '2-digit', timeZone }).format(new Date());

const ago = new Intl.RelativeTimeFormat(undefined, { numeric: 'auto' });
const agoUnits = [
  ['day', 86_400_000],
  ['hour', 3_600_000],
  ['minute', 60_000],
] as const;

/** Such as `2 hours ago`. */
export function formatAgo(instant: string): string {
  const passed = Math.max(0, Date.now() - Date.parse(instant));
  const [unit, ms] = agoUnits.find(([, length]) => passed >= length) ?? agoUnits[2];
  return ago.format(-Math.floor(passed / ms), unit);
}
