import type { Calendar, CalendarTask } from '@holdfast/db';
import { Slices } from '@holdfast/operation';
import { findInstant, resolveTimeZone } from '@holdfast/task-values';
import ical, { type ICalEventData, ICalEventTransparency } from 'ical-generator';

/** Events that are rendered at once: one of the longest takes 0.4 ms. */
const eventsAtOnce = 2;

/** Calendar apps show an event without a duration as a line, or not at all. */
const eventMs = 30 * 60_000;

/** Values of RFC 5545 for the priorities 0 to 3. */
const priorities = [undefined, 9, 5, 1] as const;

/**
 * Renders the tasks as events of iCalendar (RFC 5545). Google Calendar, Apple Calendar and Outlook ignore the to-dos of a calendar
 * with a URL. A task without a time is an event of the whole day. A task with a time lasts 30 minutes, and does not make its user
 * busy. Times of a zone, and with `timeZone` all other times too, are instants; otherwise they are local times of any zone.
 */
export async function renderCalendar({ timeZone, tasks }: Calendar): Promise<string> {
  // A zone of a newer database, which this version of Node.js does not have, is as no zone.
  const zone = timeZone === null ? null : resolveTimeZone(timeZone);
  if (tasks.length === 0) return createCalendar(zone, []);
  const parts: string[] = [];
  let tail = '';
  const slices = new Slices();
  for (let from = 0; from < tasks.length; from += eventsAtOnce) {
    const events = tasks.slice(from, from + eventsAtOnce).map((task) => toEvent(task, zone));
    const text = createCalendar(zone, events);
    const [start, end] = [text.indexOf('BEGIN:VEVENT'), text.lastIndexOf('END:VEVENT') + 'END:VEVENT'.length];
    parts.push(text.slice(from === 0 ? 0 : start, end));
    tail = text.slice(end);
    const next = slices.next();
    if (next !== undefined) await next;
  }
  return parts.join('\r\n') + tail;
}

function createCalendar(zone: string | null, events: ICalEventData[]): string {
  const calendar = ical({ name: 'Holdfast', prodId: '//Holdfast//Tasks//EN', ttl: 3600, events });
  if (zone !== null) calendar.x('X-WR-TIMEZONE', zone);
  return calendar.toString();
}

function toEvent({ id, title, description, labels, ...task }: CalendarTask, zone: string | null): ICalEventData {
  const priority = priorities[task.priority];
  return {
    id: `${id}@holdfast`,
    ...toTimes(task.due, zone),
    summary: toText(title),
    ...(description !== null && { description: toText(description) }),
    ...(labels.length > 0 && { categories: labels.map((name) => ({ name: toText(name) })) }),
    ...(priority !== undefined && { priority }),
    transparency: ICalEventTransparency.TRANSPARENT,
    stamp: new Date(task.updatedAt),
    created: new Date(task.createdAt),
    lastModified: new Date(task.updatedAt),
    sequence: task.version - 1,
  };
}

const lastDateWithTime = '9999-12-29';

function toTimes({ date, time, timeZone }: CalendarTask['due'], userZone: string | null) {
  // The end of a later time, or its instant, can be in the year 10,000, which iCalendar cannot express.
  if (time === undefined || date > lastDateWithTime) return { start: new Date(`${date}T00:00Z`), allDay: true };
  const zone = timeZone === undefined ? userZone : resolveTimeZone(timeZone);
  const instant = zone === null ? undefined : findInstant(zone, { date, time });
  const start = instant ?? new Date(`${date}T${time}Z`);
  return { start, end: new Date(start.getTime() + eventMs), floating: instant === undefined };
}

/** RFC 5545 allows no control characters but tabs and line breaks, which the library escapes. */
// oxlint-disable-next-line no-control-regex -- These are the characters to remove.
const toText = (text: string) => text.replaceAll(/[\u0000-\u0008\u000b-\u001f\u007f-\u009f]/g, ' ');
