import { Chrono, configuration } from 'chrono-node/en';
import { type Due, findDate, type Present, toLocal } from './local-time.ts';

/** A date in a text, at `start` to `end`. */
export interface FoundDate {
  text: string;
  start: number;
  end: number;
  due: Due;
  /** True if the text can have another meaning: `Sunday`, `3:16`. */
  isWeak: boolean;
  /** True for words that are seldom dates when they are alone: `sun`, `noon`. */
  isAmbiguous: boolean;
}

/**
 * Parts of the library that guess. `3/5` is March or May, `1/2` is a half, and `7pm met Ann` is not in Middle European
 * Time.
 */
const guesses = new Set([
  'SlashDateFormatParser',
  'ENSlashMonthFormatParser',
  'ExtractTimezoneAbbrRefiner',
  'ExtractTimezoneOffsetRefiner',
]);

type Result = ReturnType<Chrono['parse']>[number];

let chrono: Chrono | undefined;

const isSure = (part: object) => !guesses.has(part.constructor.name);

function createChrono(): Chrono {
  const { parsers, refiners } = configuration.createCasualConfiguration(false);
  return new Chrono({ parsers: parsers.filter(isSure), refiners: refiners.filter(isSure) });
}

/** Finds all English dates that name a day or a clock time. Dates without a year are in the future. */
export function findDates(text: string, present: Present): FoundDate[] {
  const { date, time } = toLocal(present.now, present.timeZone);
  return parse(text, toReference(date, time)).flatMap((result) => {
    const found = result.end ? undefined : toFound(result, present);
    return found ? [found] : [];
  });
}

const parse = (text: string, reference: Date) =>
  (chrono ??= createChrono()).parse(text, reference, { forwardDate: true });

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
const abbreviation = /^(?:sun|sat|wed)$/i;
const bareTime = /^(?:noon|midday|midnight|morning|afternoon|evening|night)$/i;
const weak =
  /^(?:end of|this weekend|next weekend|\d\d?:\d\d$)|^(?:(?:mon|tues?|thu|thurs?|fri)|(?:sun|mon|tues|wednes|thurs|fri|satur)day)$/i;
/** These months are also verbs. */
const verb = /^(?:may|march)\b/;

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
    isAmbiguous: abbreviation.test(text) || bareTime.test(text),
  };
}

/**
 * The hour of `tomorrow at 5` could be in the morning or in the afternoon, and `iPhone 17 tomorrow` has no hour. Only
 * `tomorrow` is certain.
 */
function withoutBareHour(given: Result, { now, timeZone }: Present): { result: Result; start: number } | undefined {
  const { index, start, text } = given;
  if (!start.isCertain('hour') || isElapsed(given) || clock.test(text)) return { result: given, start: index };
  const { date, time } = toLocal(now, timeZone);
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
  const present = toLocal(now, timeZone);
  const [dated] = parse(text, toReference(present.date, '06:00'));
  const due = dated && withDate(dated.start, part && dayParts[part]);
  const isPast = due?.date === present.date && due.time !== undefined && due.time <= present.time;
  return isPast ? { date: due.date } : due;
}

function withDate(start: Result['start'], time: string | undefined): Due | undefined {
  const date = findDate(start.get('year'), start.get('month'), start.get('day'));
  return date === undefined ? undefined : { date, ...(time !== undefined && { time }) };
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
  return year > 0 && year < 9999 ? toLocal(instant, timeZone) : undefined;
}
