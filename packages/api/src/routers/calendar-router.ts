import { createCalendarFeed, getCalendarFeed, revokeCalendarFeed } from '@holdfast/db';
import {
  calendarFeedOutput,
  calendarInput,
  createdCalendarFeedOutput,
  revokedCalendarFeedOutput,
} from '../schemas/calendar-schema.ts';
import { router, withMessages, userProcedure } from '../trpc.ts';

export const calendarRouter = router({
  get: userProcedure
    .input(withMessages(calendarInput))
    .output(withMessages(calendarFeedOutput))
    .query(async ({ ctx }) => (await getCalendarFeed(ctx.scope)) ?? { createdAt: null }),
  create: userProcedure
    // The URL outlives the credential that creates it.
    .meta({ needsSession: true })
    .input(withMessages(calendarInput))
    .output(withMessages(createdCalendarFeedOutput))
    .mutation(async ({ ctx }) => {
      const { secret, createdAt } = await createCalendarFeed(ctx.scope);
      return { path: `/calendar/${secret}.ics`, createdAt };
    }),
  revoke: userProcedure
    .input(withMessages(calendarInput))
    .output(withMessages(revokedCalendarFeedOutput))
    .mutation(async ({ ctx }) => {
      await revokeCalendarFeed(ctx.scope);
      return {};
    }),
});
