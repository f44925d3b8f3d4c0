import { findTimeZone } from './time-zones.ts';

export interface LocalTime {
  /** YYYY-MM-DD */
  date: string;
  /** HH:MM, from 00:00 to 23:59 */
  time: string;
}

/**
 * Returns the date and the time on the clocks of a zone; null is UTC.
 *
 * @throws RangeError if the zone is unknown.
 */
export function toLocalTime(timeZone: string | null, now: Date): LocalTime {
  const wallTime = timeZone === null ? now.getTime() : toWallTime(getFormat(timeZone), now.getTime());
  const text = new Date(wallTime).toISOString();
  return { date: text.slice(0, 10), time: text.slice(11, 16) };
}

/**
 * Returns today's date in a zone as YYYY-MM-DD; null is UTC.
 *
 * @throws RangeError if the zone is unknown.
 */
export function todayIn(timeZone: string | null, now: Date): string {
  return toLocalTime(timeZone, now).date;
}

/**
 * Returns whether the clocks of a zone show a time. They skip times when they are set forward.
 *
 * @param wallTime The date and time, as the milliseconds since 1970 at which UTC shows them. The year is 1 to 9999.
 * @throws RangeError if the zone is unknown.
 */
export function existsIn(timeZone: string, wallTime: number): boolean {
  const format = getFormat(timeZone);
  // The IANA database begins later, so no clock was set forward before.
  if (wallTime < Date.UTC(1800)) return true;
  return findInstantOf(format, wallTime) !== undefined;
}

/**
 * Returns the instant at which the clocks of a zone show a local time: the earlier one if they show it twice. Undefined if they skip
 * it when they are set forward.
 *
 * @throws RangeError if the zone is unknown.
 */
export function findInstant(timeZone: string, { date, time }: LocalTime): Date | undefined {
  const instant = findInstantOf(getFormat(timeZone), Date.parse(`${date}T${time}Z`));
  return instant === undefined ? undefined : new Date(instant);
}

const day = 86_400_000;

function findInstantOf(format: Intl.DateTimeFormat, wallTime: number): number | undefined {
  // The instant is less than a day from the same time in UTC, so one of these offsets applies to it. The offset of the day before
  // gives the earlier instant.
  for (const near of [wallTime - day, wallTime, wallTime + day]) {
    const instant = wallTime - (toWallTime(format, near) - near);
    if (toWallTime(format, instant) === wallTime) return instant;
  }
  return undefined;
}

function getFormat(timeZone: string): Intl.DateTimeFormat {
  const zone = findTimeZone(timeZone);
  if (zone === null) throw new RangeError('The time zone is unknown.');
  return zone.format;
}

/** Returns the milliseconds since 1970 at which UTC shows what the zone shows at an instant, in whole seconds. */
function toWallTime(format: Intl.DateTimeFormat, instant: number): number {
  // Such as "05/31/2026, 09:00:00". The parts of `formatToParts` take four times as long.
  const [month, day, year, hour, minute, second] = format.format(instant).split(/\D+/).map(Number);
  return Date.UTC(year!, month! - 1, day, hour, minute, second);
}
