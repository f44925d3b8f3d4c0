import { createHash } from 'node:crypto';
import { type Calendar, type Database, findCalendarUser, readCalendar } from '@holdfast/db';
import { todayIn } from '@holdfast/task-values';
import { TRPCError } from '@trpc/server';
import type { RequestHandler } from 'express';
import { renderCalendar } from '../calendar/render.ts';
import { type CallLimits, withRefusals } from '../rate-limit.ts';
import { createClosedSignal } from '../request/closed-signal.ts';
import type { Metrics } from '../telemetry/metrics.ts';
import type { CallerLimits } from './caller-limits.ts';
import { toAddressKey } from './callers.ts';

export interface CalendarRouteOptions extends CallLimits {
  db: Database;
  callerLimits: CallerLimits;
  metrics: Metrics;
}

/** Part of each ETag, so that a change of the rendering ends the copies of clients. */
const renderVersion = 2;

/**
 * `GET /calendar/<secret>.ics`: the due tasks of the user of the secret, for calendar apps. Wrong, revoked and former secrets have the
 * same response.
 */
export function createCalendarRoute({
  db,
  limitCalls,
  limitCalendar,
  callerLimits,
  metrics,
}: CalendarRouteOptions): RequestHandler {
  const onRefused = () => metrics.recordRateLimited(1);
  const countAddress = withRefusals(limitCalls, onRefused);
  const countUser = withRefusals(limitCalendar, onRefused);
  // oxlint-disable-next-line oxc/no-async-endpoint-handlers -- Express 5 handles the errors of async handlers.
  return async (req, res) => {
    const address = toAddressKey(req);
    // A read costs a query, so an address that is already over its limit gets none.
    await countAddress(address, 0);
    const signal = createClosedSignal(res);
    await callerLimits.enterAddress(res, { address, signal });
    const secret = String(req.params['secret']);
    const userId = findCalendarUser(secret);
    let calendar: Calendar | undefined;
    if (userId !== undefined) {
      await callerLimits.enterCalendar(res, { userId, signal });
      calendar = await readCalendar(db.asUser(userId, { readOnly: true }), secret, todayIn(null, new Date()));
    }
    if (userId === undefined || calendar === undefined) {
      await countAddress(address, 1);
      throw new TRPCError({ code: 'NOT_FOUND', message: 'Calendar not found. Create a new URL in the settings.' });
    }
    // Only of valid secrets, so that callers cannot create any number of counts.
    await countUser(userId, 1).catch(async (error: unknown) => {
      await limitCalls(address, 1);
      throw error;
    });
    res.locals.userId = userId;
    res.setHeader('etag', `"${toTag(calendar)}"`);
    // A revocation must also end the copies of proxies.
    res.setHeader('cache-control', 'private, no-cache');
    res.setHeader('x-robots-tag', 'noindex');
    if (req.fresh) {
      res.status(304).end();
      return;
    }
    const text = await renderCalendar(calendar);
    res.setHeader('content-disposition', 'inline; filename="holdfast.ics"');
    res.type('text/calendar').send(text);
  };
}

/** Each change of a task has a later time or another version. The texts of 1,000 tasks can have megabytes. */
function toTag({ timeZone, tasks }: Calendar): string {
  const lines = tasks.map(({ id, version, updatedAt }) => `${id} ${version} ${updatedAt}`);
  const text = [renderVersion, timeZone, ...lines].join('\n');
  return createHash('sha256').update(text).digest('base64url').slice(0, 22);
}
