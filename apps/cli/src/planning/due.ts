import type { Due } from '@holdfast/client';
import type { Present } from '@holdfast/quick-add';
import { findDates } from '@holdfast/quick-add/dates';
import { addDays, resolveTimeZone, todayIn, toWeekday } from '@holdfast/task-values';
import { CliError } from '../errors.ts';

/** The filter of the server. Both days are included. */
export interface DueFilter {
  from?: string;
  until?: string;
  none?: true;
}

/**
 * Parses the value of `--due` for an added or changed task: `tomorrow 9am`, `2026-12-01 09:00 Europe/Berlin`. Null for
 * `none`.
 *
 * @throws CliError USAGE
 */
export function toDueInput(text: string, present: Present): Due | null {
  const words = text.trim().split(/\s+/);
  if (words.join(' ').toLowerCase() === 'none') return null;
  const zone = words.length > 1 && /^(?:UTC|[a-z_]+(?:\/[\w+-]+)+)$/i.test(words.at(-1)!) ? words.pop() : undefined;
  if (zone !== undefined && resolveTimeZone(zone) === null) {
    throw new CliError('USAGE', `'${zone}' is not a time zone. Use one such as Europe/Berlin.`);
  }
  const due = findDue(words.join(' '), { ...present, ...(zone !== undefined && { timeZone: zone }) });
  if (due === undefined) {
    throw new CliError('USAGE', `'${text}' is not a date. Use one such as 'tomorrow 9am', 2026-12-01 or none.`);
  }
  if (zone === undefined) return due;
  if (due.time !== undefined) return { ...due, timeZone: zone };
  throw new CliError('USAGE', `'${text}' has a time zone without a time. Add a time such as 09:00.`);
}

/**
 * Parses the value of `--due` for a list of tasks: a day, `overdue`, `none`, a week or month, or a range `from..until`.
 *
 * @throws CliError USAGE
 */
export function parseDue(text: string, present: Present): DueFilter {
  const given = text.trim().toLowerCase().replaceAll(/\s+/g, ' ');
  if (given === 'none') return { none: true };
  if (given === 'overdue') return { until: addDays(toToday(present), -1) };
  const period = findPeriod(given, present);
  if (period !== undefined) return period;
  const [first = '', second, ...more] = given.split('..');
  if (second === undefined) return { from: toDay(first, text, present), until: toDay(first, text, present) };
  if (more.length > 0 || (first.trim() === '' && second.trim() === '')) throw toFilterError(text);
  const range = {
    ...(first.trim() !== '' && { from: toDay(first, text, present) }),
    ...(second.trim() !== '' && { until: toDay(second, text, present) }),
  };
  if (range.from === undefined || range.until === undefined || range.from <= range.until) return range;
  throw new CliError('USAGE', `The range '${text}' ends before it starts. Swap the dates.`);
}

const toFilterError = (text: string) =>
  new CliError('USAGE', `'${text}' is not a day or range. Use today, overdue, none or 2026-12-01..2026-12-07.`);

function toDay(day: string, text: string, present: Present): string {
  const due = findDue(day.trim(), present);
  // A filter has no time.
  if (due === undefined || due.time !== undefined) throw toFilterError(text);
  return due.date;
}

/** The only date in a text that consists of it. */
function findDue(text: string, present: Present): Due | undefined {
  const words = text.toLowerCase();
  if (words === 'yesterday') return { date: addDays(toToday(present), -1) };
  const [found] = findDates(text, present);
  return found?.start === 0 && found.end === text.length ? found.due : undefined;
}

/** Weeks start on Monday, as in ISO 8601. */
function findPeriod(text: string, present: Present): { from: string; until: string } | undefined {
  const [, which, unit] = /^(this|next) (week|month)$/.exec(text) ?? [];
  if (unit === undefined) return undefined;
  const today = toToday(present);
  if (unit === 'week') {
    const from = addDays(today, 1 - toWeekday(today) + (which === 'next' ? 7 : 0));
    return { from, until: addDays(from, 6) };
  }
  const from = which === 'next' ? toNextMonth(today) : `${today.slice(0, 8)}01`;
  return { from, until: addDays(toNextMonth(from), -1) };
}

const toToday = ({ now, timeZone }: Present) => todayIn(timeZone, now);

/** First day of the next month. 31 days after the first day of a month is in the next. */
const toNextMonth = (date: string) => `${addDays(`${date.slice(0, 8)}01`, 31).slice(0, 8)}01`;
