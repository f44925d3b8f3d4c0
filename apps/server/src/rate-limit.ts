import { type RateLimitStore, rateLimitTable } from '@holdfast/db';
import { TRPCError } from '@trpc/server';
import {
  type RateLimiterAbstract,
  RateLimiterMemory,
  RateLimiterPostgres,
  RateLimiterRes,
} from 'rate-limiter-flexible';
import type { Place } from './peers/place.ts';
import { createSharedLimits, type Limiter, type Rule } from './peers/shared-limit.ts';

export type CreateLimiter = (rule: Rule) => Limiter;

/**
 * Creates limiters that count in the store. They count in the server's memory if there is no store, and while the store is
 * unavailable, so that a limit never causes an outage.
 *
 * @param place The other workers, with which this process shares its counts. Absent if it is the whole server.
 */
export function createLimiters(store: RateLimitStore | null, place?: Place): CreateLimiter {
  const createInMemory = place === undefined ? createMemoryLimiter : createSharedLimits(place);
  if (store === null) return createInMemory;
  return (rule) => {
    const limiter = createStoreLimiter(store, rule);
    const inMemory = createInMemory(rule);
    return (key, count = 1) => consume(limiter, key, count).catch(() => inMemory(key, count));
  };
}

function createMemoryLimiter({ name, max, windowSeconds }: Rule): Limiter {
  const limiter = new RateLimiterMemory({ keyPrefix: name, points: max, duration: windowSeconds });
  return (key, count = 1) => consume(limiter, key, count);
}

function createStoreLimiter(
  store: RateLimitStore,
  { name, max, windowSeconds, canGiveBack }: Rule,
): RateLimiterAbstract {
  return new RateLimiterPostgres({
    ...rateLimitTable,
    keyPrefix: name,
    points: max,
    duration: windowSeconds,
    storeClient: store,
    storeType: 'client',
    tableCreated: true,
    // Maintenance removes old counts.
    clearExpiredByTimeout: false,
    // Over the limit, reject without another query until the window ends.
    ...(!canGiveBack && { inMemoryBlockOnConsumed: max + 1 }),
  });
}

async function consume(limiter: RateLimiterAbstract, key: string, count: number): Promise<number | null> {
  try {
    await limiter.consume(key, count);
    return null;
  } catch (rejection) {
    if (rejection instanceof RateLimiterRes) return Math.max(1, Math.ceil(rejection.msBeforeNext));
    throw rejection;
  }
}

class TooManyCallsError extends Error {
  override readonly name = 'TooManyCallsError';
  readonly code = 'TOO_MANY_CALLS';
  readonly retryAfterMs: number;
  constructor(retryAfterMs: number) {
    super('Too many calls per minute.');
    this.retryAfterMs = retryAfterMs;
  }
}

/** The error for a caller over a limit. */
export function toTooManyRequests(message: string, retryAfterMs: number): TRPCError {
  return new TRPCError({ code: 'TOO_MANY_REQUESTS', message, cause: new TooManyCallsError(retryAfterMs) });
}

/** @param retryAfterMs Result of a limiter. @throws TRPCError TOO_MANY_REQUESTS over the limit. */
export function assertWithinLimit(retryAfterMs: number | null, message: string): void {
  if (retryAfterMs !== null) throw toTooManyRequests(message, retryAfterMs);
}

/** Counts the calls of a user or address. @throws TRPCError TOO_MANY_REQUESTS over the limit. */
export type LimitCalls = (key: string, calls: number) => Promise<void>;

/** The same limit, which also reports each refusal. */
export const withRefusals =
  (limit: LimitCalls, onRefused: () => void): LimitCalls =>
  (key, calls) =>
    limit(key, calls).catch((error: unknown) => {
      onRefused();
      throw error;
    });

export interface CallLimits {
  limitCalls: LimitCalls;
  /** Counts the reads of the calendar of one user. A read costs as much as a large page of tasks. */
  limitCalendar: LimitCalls;
}

/** Several devices read one calendar, each every few minutes. */
const calendarRule: Rule = { name: 'calendar', max: 20, windowSeconds: 300 };

/** @param perMinute Maximum number of calls per minute for each key. 0 means no limit. */
export function createCallLimits(createLimiter: CreateLimiter, perMinute: number): CallLimits {
  function create(rule: Rule, message: string): LimitCalls {
    if (perMinute === 0) return async () => {};
    const limiter = createLimiter(rule);
    return async (key, calls) => assertWithinLimit(await limiter(key, calls), message);
  }
  return {
    limitCalls: create(
      { name: 'calls', max: perMinute, windowSeconds: 60 },
      `Rate limit of ${perMinute} calls per minute exceeded. Try again later.`,
    ),
    limitCalendar: create(calendarRule, 'Too many reads of this calendar. Try again later.'),
  };
}
