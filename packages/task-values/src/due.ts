import { existsIn } from './local-time.ts';
import { resolveTimeZone } from './time-zones.ts';

/** A date, a date with a time on any clock, or a date with a time on the clocks of a zone. */
export interface DueInput {
  /** YYYY-MM-DD, from 0001-01-01 to 9999-12-31 */
  date: string;
  /** HH:MM, from 00:00 to 23:59 */
  time?: string | undefined;
  /** IANA name in any case. Only together with `time`. */
  timeZone?: string | undefined;
}

/** Returns what is wrong with a due date and how to correct it, or null if it is valid. */
export function findDueProblem({ date, time, timeZone }: DueInput): string | null {
  return findDateProblem(date) ?? findTimeProblem(time, timeZone) ?? findZoneProblem(date, time, timeZone);
}

function findDateProblem(date: string): string | null {
  if (!/^\d{4}-\d\d-\d\d$/.test(date) || date.startsWith('0000')) {
    return 'The date is malformed. Use YYYY-MM-DD, such as 2026-05-31.';
  }
  const parsed = new Date(`${date}T00:00Z`);
  if (Number.isNaN(parsed.getTime()) || !parsed.toISOString().startsWith(date)) {
    return `The date ${date} does not exist. Choose a date of the calendar.`;
  }
  return null;
}

function findTimeProblem(time: string | undefined, timeZone: string | undefined): string | null {
  if (time !== undefined && !/^(?:[01]\d|2[0-3]):[0-5]\d$/.test(time)) {
    return 'The time is malformed. Use HH:MM, from 00:00 to 23:59.';
  }
  if (time === undefined && timeZone !== undefined) {
    return 'The time zone has no time. Add a time, or remove the zone.';
  }
  return null;
}

function findZoneProblem(date: string, time: string | undefined, timeZone: string | undefined): string | null {
  if (timeZone === undefined) return null;
  if (/^[+-]/.test(timeZone)) return 'An offset is not a time zone. Use an IANA name, such as Europe/Berlin.';
  const zone = resolveTimeZone(timeZone);
  if (zone === null) return 'The time zone is unknown. Use an IANA name, such as Europe/Berlin.';
  if (!existsIn(zone, Date.parse(`${date}T${time}Z`))) {
    return `The time ${time} does not exist on ${date} in ${zone}. Choose an earlier or a later time.`;
  }
  return null;
}
