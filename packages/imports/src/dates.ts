import type { Present } from '@holdfast/quick-add';
import { findDates } from '@holdfast/quick-add/dates';
import { type DueInput, findDueProblem, findInstant, resolveTimeZone, toLocalTime } from '@holdfast/task-values';

/** The order of day and month in dates such as `01/02/2027`. */
export type DateOrder = 'day first' | 'month first';

const numeric = /^(\d{1,2})([./-])(\d{1,2})\2(\d{4}|\d{2})(?:,?[ T]+(\d{1,2}):(\d\d)(?::\d\d)?\s*([AP]M)?)?$/i;
const iso = /^(\d{4}-\d\d-\d\d)(?:[T ](\d\d:\d\d)(?::(\d\d)(?:[.,](\d{1,3})\d*)?)?(?:(Z)|([+-]\d\d):?(\d\d))?)?$/i;

/**
 * The order of day and month in a file. Undefined if no date shows it, and at least one could be read in both ways. Dates with dots
 * begin with the day.
 */
export function findDateOrder(texts: readonly string[]): DateOrder | undefined {
  let isUnclear = false;
  for (const text of texts) {
    const [, first, separator, second] = numeric.exec(text) ?? [];
    if (first === undefined || separator === '.') continue;
    if (Number(first) > 12) return 'day first';
    if (Number(second) > 12) return 'month first';
    isUnclear ||= first !== second;
  }
  return isUnclear ? undefined : 'month first';
}

/** Reads a date with an optional time: ISO 8601, numbers, or English words. Undefined for all other texts. */
export function readDate(text: string, present: Present, order: DateOrder = 'month first'): DueInput | undefined {
  const due = iso.test(text) ? readIso(text, present) : (readNumeric(text, order) ?? readWords(text, present));
  return due && findDueProblem(due) === null ? due : undefined;
}

interface IsoTime {
  date: string;
  time: string | undefined;
  /** Only of a time with an offset. */
  instant?: Date;
}

/** Undefined for all other texts, and for dates and times that do not exist. */
function parseIso(text: string): IsoTime | undefined {
  const [, date, time, second = '00', fraction = '', utc, hours, minutes] = iso.exec(text) ?? [];
  if (date === undefined || findDueProblem({ date, time }) !== null) return undefined;
  if (utc === undefined && hours === undefined) return { date, time };
  const offset = utc === undefined ? `${hours}:${minutes}` : 'Z';
  const instant = new Date(`${date}T${time}:${second}.${fraction.padEnd(3, '0')}${offset}`);
  return isStorable(instant) ? { date, time, instant } : undefined;
}

/** Whether the time exists and is in the years 1 to 9999. */
const isStorable = (instant: Date) => !Number.isNaN(instant.getTime()) && /^(?!0000)\d{4}-/.test(instant.toISOString());

/** A time with an offset becomes the time on the user's clock. */
function readIso(text: string, { timeZone }: Present): DueInput | undefined {
  const { date, time, instant } = parseIso(text) ?? {};
  if (date === undefined) return undefined;
  if (instant !== undefined) return toLocalTime(timeZone, instant);
  return time === undefined ? { date } : { date, time };
}

const pad = (part: string | number) => String(part).padStart(2, '0');

function readNumeric(text: string, order: DateOrder): DueInput | undefined {
  const [, first, separator, second, year, hour, minute, half] = numeric.exec(text) ?? [];
  if (first === undefined) return undefined;
  const isDayFirst = separator === '.' || order === 'day first';
  const [day, month] = isDayFirst ? [first, second!] : [second!, first];
  const date = `${year!.length === 2 ? `20${year}` : year}-${pad(month)}-${pad(day)}`;
  if (hour === undefined) return { date };
  const hours = half === undefined ? Number(hour) : (Number(hour) % 12) + (half.toUpperCase() === 'PM' ? 12 : 0);
  return { date, time: `${pad(hours)}:${minute}` };
}

/** The only date in a text that consists of it. */
function readWords(text: string, present: Present): DueInput | undefined {
  const [found] = findDates(text, present);
  return found?.start === 0 && found.end === text.length ? found.due : undefined;
}

/** Whether the words describe a date that repeats, as Todoist writes them. */
export const repeats = (text: string) =>
  /^(?:every!?|ev!?|each|after|daily|weekly|monthly|quarterly|yearly)\b/i.test(text);

/** The next date of a text such as `every monday at 9am`. Undefined if the text has no single meaning. */
export function readNextDate(text: string, present: Present): DueInput | undefined {
  const [, words] = /^(?:every|ev|each)!?\s+(.+)$/i.exec(text) ?? [];
  if (words === undefined) return /^daily$/i.test(text) ? readDate('today', present) : undefined;
  return readDate(words.replace(/^day\b/i, 'today'), present);
}

/** A due date on the clocks of a zone. The user's own zone is that of all times without one. Undefined if the zone does not fit. */
export function withTimeZone(due: DueInput, zone: string, present: Present): DueInput | undefined {
  if (due.time === undefined || zone === '') return due;
  const name = resolveTimeZone(zone);
  if (name === null) return undefined;
  if (name === resolveTimeZone(present.timeZone)) return due;
  const zoned = { ...due, timeZone: name };
  return findDueProblem(zoned) === null ? zoned : undefined;
}

/** The instant of a date and time in a zone as ISO 8601 in UTC. Undefined for other texts and zones. */
export function toInstant(text: string, zone: string): string | undefined {
  const { date, time = '00:00', instant } = parseIso(text) ?? {};
  const name = resolveTimeZone(zone);
  if (date === undefined) return undefined;
  const found = instant ?? (name === null ? undefined : findInstant(name, { date, time }));
  return found !== undefined && isStorable(found) ? found.toISOString() : undefined;
}
