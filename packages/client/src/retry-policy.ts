/** Most retries without a success. */
const budgetMax = 20;
const gainPerSuccess = 0.2;
const firstPauseMs = 200;
const pauseMaxMs = 5000;

/** Decides when a call is retried, and whether the retry budget allows it. */
export interface RetryPolicy {
  /** Milliseconds to wait before the next attempt. Null if the budget is used up. */
  pause(attempts: number, retryAfterMs: number | undefined): number | null;
  recordSuccess(): void;
}

/**
 * Exponential pauses with full jitter, and a retry budget that only successful calls refill.
 *
 * Calls that fail at the same time share one decision: their retries form one batch again and cost one retry.
 *
 * Source of full jitter: https://aws.amazon.com/blogs/architecture/exponential-backoff-and-jitter/
 */
export function createRetryPolicy(random: () => number = Math.random): RetryPolicy {
  let budget = budgetMax;
  let draw: { chance: number; isAllowed: boolean } | undefined;

  function drawOnce() {
    if (draw !== undefined) return draw;
    setTimeout(() => (draw = undefined));
    draw = { chance: random(), isAllowed: budget >= 1 };
    if (draw.isAllowed) budget -= 1;
    return draw;
  }

  return {
    pause(attempts, retryAfterMs = 0) {
      const { chance, isAllowed } = drawOnce();
      if (!isAllowed) return null;
      return Math.round(retryAfterMs + chance * Math.min(pauseMaxMs, firstPauseMs * 2 ** (attempts - 1)));
    },
    recordSuccess() {
      budget = Math.min(budgetMax, budget + gainPerSuccess);
    },
  };
}
