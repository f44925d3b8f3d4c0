import { type RateLimitStore, rateLimitTable } from '@holdfast/db';
import { TRPCError } from '@trpc/server';
import { RateLimiterMemory, RateLimiterPostgres, RateLimiterRes } from 'rate-limiter-flexible';

/** At most so many in each window. */
export interface Rule {
  /** Sets the counts of this rule apart from those of others. */
  name: string;
  max: number;
  windowSeconds: number;
}

/** Counts for whoever a key names; answers after how many milliseconds there is more, null while there is some. */
export type Limiter = (key: string, count?: number) => Promise<number | null>;

export type CreateLimiter = (rule: Rule) => Limiter;

/**
 * Makes limiters that count in the store, or in this process's memory: without a store, and while the store cannot be
 * asked, so that a limit never becomes an outage.
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
            insuranceLimiter: memory,
            // Whoever is over the limit is refused without another question until the window ends.
            inMemoryBlockOnConsumed: max + 1,
          });
    return async (key, count = 1) => {
      try {
        await limiter.consume(key, count);
        return null;
      } catch (refusal) {
        if (refusal instanceof RateLimiterRes) return Math.max(1, Math.ceil(refusal.msBeforeNext));
        throw refusal;
      }
    };
  };
}

class TooManyCallsError extends Error {
  override readonly name = 'TooManyCallsError';
  readonly code = 'TOO_MANY_CALLS';
  readonly retryAfterMs: number;
  constructor(retryAfterMs: number) {
    super('Too many calls in a minute.');
    this.retryAfterMs = retryAfterMs;
  }
}

/** What whoever is over a limit is told. */
export function toTooManyRequests(message: string, retryAfterMs: number): TRPCError {
  return new TRPCError({ code: 'TOO_MANY_REQUESTS', message, cause: new TooManyCallsError(retryAfterMs) });
}

/** Counts calls for whoever makes them. @throws TRPCError TOO_MANY_REQUESTS once there are too many. */
export type CountCalls = (key: string, calls: number) => Promise<void>;

/** @param perMinute Calls in a minute at the most; 0 for any number. */
export function createCallLimit(createLimiter: CreateLimiter, perMinute: number): CountCalls {
  if (perMinute === 0) return async () => {};
  const limiter = createLimiter({ name: 'calls', max: perMinute, windowSeconds: 60 });
  return async (key, calls) => {
    const retryAfterMs = await limiter(key, calls);
    if (retryAfterMs === null) return;
    throw toTooManyRequests(`These are more than ${perMinute} calls in a minute: try again later.`, retryAfterMs);
  };
}
