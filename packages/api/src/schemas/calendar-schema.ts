import { z } from 'zod';
import type { CalendarFeed, CreatedCalendarFeed, RevokedCalendarFeed } from '../calendar-wire.ts';
import { accepts, timeOutput } from './task-schema.ts';

export const calendarInput = accepts<Record<string, never> | undefined>()(z.strictObject({}).prefault({}));

export const calendarFeedOutput: z.ZodType<CalendarFeed, CalendarFeed> = z.object({ createdAt: timeOutput.nullable() });

export const createdCalendarFeedOutput: z.ZodType<CreatedCalendarFeed, CreatedCalendarFeed> = z.object({
  path: z.string(),
  createdAt: timeOutput,
});

export const revokedCalendarFeedOutput: z.ZodType<RevokedCalendarFeed, RevokedCalendarFeed> = z.strictObject({});
