import { findDueProblem, toLocalTime } from '@holdfast/task-values';
import type { Chrono } from 'chrono-node/en';
import { createEnglish } from './english.ts';
import type { Due, FoundDate, Present } from './types.ts';

type Result = ReturnType<Chrono['parse']>[number];

let english: Chrono | undefined;

/** Finds all English dates that name a day or a clock time. Dates without a year are in the future. */
export function findDates(text: string, present: Present): FoundDate[] {
  const { date, time } = toLocalTime(present.timeZone, present.now);
  return parse(text, toReference(date, time)).flatMap((result) => {
    const found = result.end ? undefined : toFound(result, present);
    return found ? [found] : [];
  });
}

const parse = (text: string, reference: Date) =>
  (english ??= createEnglish()).parse(text, reference, { forwardDate: true });

/**
 * The library reads the local fields of its reference. A date with the fields of the user's clock makes the result
 * independent of the process's zone.
 */
const toReference = (date: string, time: string) => new Date(`${date}T${time}`);

const clock = /\d\s*[ap]\.?m\b|\d:\d\d|\bat (?:1[3-9]|2[0-3])$|\b(?:noon|midday|midnight)\b/i;
const lastHour = /\s*,?\s*(?:at\s+)?\d{1,2}$/i;
const firstHour = /^(?:at\s+)?\d{1,2}\s+(?:on\s+)?/i;
const duration = /^(?:in|within)\s|^\+|\sfrom now$|^the day after tomorrow$/i;
const longUnit = /day|week|month|year|quarter|\d\s*[dwy]\b/i;
const refused = /^(?:last|past|previous|now|right now|weekend|weekday)\b|\bago$/i;
const bareTime = /^(?:noon|midday|midnight|morning|afternoon|evening|night)$/i;
const weak =
  /^(?:end of|this weekend|next (?:weekend|week|month)|tod$|\d\d?:\d\d$)|^(?:(?:sun|mon|tues?|wed|thu|thurs?|fri|sat)|(?:sun|mon|tues|wednes|thurs|fri|satur)day)$/i;
/** These months are also verbs. */
const verb = /^(?:may|march)\b/;

const dateFields = ['day', 'weekday', 'month', 'year'] as const;

/** Hours for parts of a day. */
const dayParts = { morning: '09:00', afternoon: '15:00', evening: '19:00', night: '20:00' };
const dayPart = /(morning|afternoon|evening|night)\b/i;

function toFound(given: Result, present: Present): FoundDate | undefined {
  const shorter = withoutBareHour(given, present);
  if (shorter === undefined || refused.test(shorter.result.text)) return undefined;
  const { result, start } = shorter;
  const due = toDue(result, present);
  if (due === undefined) return undefined;
  const { text } = result;
  return {
    text,
    start,
    end: start + text.length,
    due,
    isWeak: weak.test(text) || verb.test(text),
    isTimeOnly: due.time !== undefined && !dateFields.some((field) => result.start.isCertain(field)),
    isAmbiguous: bareTime.test(text),
  };
}

/**
 * The hour of `tomorrow at 5` could be in the morning or in the afternoon, and `iPhone 17 tomorrow` has no hour. Only
 * `tomorrow` is certain.
 */
function withoutBareHour(given: Result, { now, timeZone }: Present): { result: Result; start: number } | undefined {
  const { index, start, text } = given;
  if (!start.isCertain('hour') || isElapsed(given) || clock.test(text)) return { result: given, start: index };
  const { date, time } = toLocalTime(timeZone, now);
  const day = text.replace(lastHour.test(text) ? lastHour : firstHour, '');
  const [result] = parse(day, toReference(date, time));
  if (result === undefined || result.start.isCertain('hour')) return undefined;
  return { result, start: index + text.indexOf(result.text) };
}

const isElapsed = ({ start }: Result) => start.tags().has('result/relativeDateAndTime');

function toDue(result: Result, { now, timeZone }: Present): Due | undefined {
  const { start, text } = result;
  const isRelative = start.tags().has('result/relativeDate');
  if (isRelative && !duration.test(text)) return undefined;
  if (isElapsed(result) && !longUnit.test(text)) return toElapsed(text, { now, timeZone });
  if (!isElapsed(result) && start.isCertain('timezoneOffset')) return toDueAt(start.date(), timeZone);
  const part = dayPart.exec(text)?.[1]?.toLowerCase() as keyof typeof dayParts | undefined;
  const isDay = isRelative || start.isCertain('day') || start.isCertain('weekday');
  if (!isDay && !start.isCertain('hour') && part === undefined) return undefined;
  if (start.isCertain('hour')) {
    const time = [start.get('hour'), start.get('minute')].map((field) => String(field).padStart(2, '0')).join(':');
    return withDate(start, time);
  }
  // After noon, the library counts today as past, and after 06:00 this morning. So it gets 06:00.
  const present = toLocalTime(timeZone, now);
  const [dated] = parse(text, toReference(present.date, '06:00'));
  const due = dated && withDate(dated.start, part && dayParts[part]);
  const isPast = due?.date === present.date && due.time !== undefined && due.time <= present.time;
  return isPast ? { date: due.date } : due;
}

function withDate(start: Result['start'], time: string | undefined): Due | undefined {
  const [year, month, day] = [start.get('year'), start.get('month'), start.get('day')];
  const date = [String(year).padStart(4, '0'), ...[month, day].map((part) => String(part).padStart(2, '0'))].join('-');
  return findDueProblem({ date }) === null ? { date, ...(time !== undefined && { time }) } : undefined;
}

/**
 * `in 3 hours` means elapsed time, also across a change of the clocks. The library adds to local fields, so it adds to a
 * reference on a day on which no zone changes its clocks.
 */
function toElapsed(text: string, { now, timeZone }: Present): Due | undefined {
  const reference = new Date(2001, 0, 15, 12);
  const [result] = parse(text, reference);
  return result && toDueAt(new Date(now.getTime() + result.start.date().getTime() - reference.getTime()), timeZone);
}

function toDueAt(instant: Date, timeZone: string): Due | undefined {
  const year = instant.getUTCFullYear();
  return year > 0 && year < 9999 ? toLocalTime(timeZone, instant) : undefined;
}
