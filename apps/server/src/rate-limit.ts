import { type RateLimitStore, rateLimitTable } from '@holdfast/db';
import { TRPCError } from '@trpc/server';
import { RateLimiterMemory, RateLimiterPostgres, RateLimiterRes } from 'rate-limiter-flexible';

/** A limit of `max` units in each window. */
export interface Rule {
  /** Prefix of this rule's counts. */
  name: string;
  max: number;
  windowSeconds: number;
}

/** Adds to a key's count, or gives a part back. Returns null within the limit, otherwise the milliseconds until the window ends. */
export type Limiter = (key: string, count?: number) => Promise<number | null>;

export type CreateLimiter = (rule: Rule) => Limiter;

/**
 * Creates limiters that count in the store. They count in this process's memory if there is no store, and while the
 * store is unavailable, so that a limit never causes an outage.
 */
export function createLimiters(store: RateLimitStore | null): CreateLimiter {
  return ({ name, max, windowSeconds }) => {
    const memory = new RateLimiterMemory({ keyPrefix: name, points: max, duration: windowSeconds });
    const limiter =
      store === null
        ? memory
        : new RateLimiterPostgres({
            ...rateLimitTable,
            keyPrefix: name,
            points: max,
            duration: windowSeconds,
            storeClient: store,
            storeType: 'client',
            tableCreated: true,
            // Maintenance removes old counts.
            clearExpiredByTimeout: false,
            insuranceLimiter: memory,
            // Over the limit, reject without another query until the window ends.
            inMemoryBlockOnConsumed: max + 1,
          });
    return async (key, count = 1) => {
      try {
        await limiter.consume(key, count);
        return null;
      } catch (rejection) {
        if (rejection instanceof RateLimiterRes) return Math.max(1, Math.ceil(rejection.msBeforeNext));
        throw rejection;
      }
    };
  };
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

/** @param perMinute Maximum number of calls per minute for each key. 0 means no limit. */
export function createCallLimit(createLimiter: CreateLimiter, perMinute: number): LimitCalls {
  if (perMinute === 0) return async () => {};
  const limiter = createLimiter({ name: 'calls', max: perMinute, windowSeconds: 60 });
  const message = `Rate limit of ${perMinute} calls per minute exceeded. Try again later.`;
  return async (key, calls) => assertWithinLimit(await limiter(key, calls), message);
}

/** Several devices read one calendar, each every few minutes. */
const calendarRule: Rule = { name: 'calendar', max: 20, windowSeconds: 300 };

/** Creates a limit for the reads of one calendar. A read costs as much as a large page of tasks. */
export function createCalendarLimit(createLimiter: CreateLimiter, perMinute: number): LimitCalls {
  if (perMinute === 0) return async () => {};
  const limiter = createLimiter(calendarRule);
  const message = 'Too many reads of this calendar. Try again later.';
  return async (key, reads) => assertWithinLimit(await limiter(key, reads), message);
}
