/** The most retries in a row that the budget pays without a success in between. */
const budgetMax = 20;
const gainPerSuccess = 0.2;
const firstPauseMs = 200;
const pauseMaxMs = 5000;

/** When calls are repeated, and whether the budget allows it. */
export interface RetryPolicy {
  /** How long to wait before the next try, in milliseconds; null when enough has been repeated already. */
  pause(triesSoFar: number, retryAfterMs: number | undefined): number | null;
  recordSuccess(): void;
}

/**
 * Full jitter, and a budget that only successes fill again: against a server that is down, retries soon cease.
 *
 * Calls that fail together draw together: they are repeated at the same time, in one batch again, and cost one.
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
    pause(triesSoFar, retryAfterMs = 0) {
      const { chance, isAllowed } = drawOnce();
      if (!isAllowed) return null;
      return Math.round(retryAfterMs + chance * Math.min(pauseMaxMs, firstPauseMs * 2 ** (triesSoFar - 1)));
    },
    recordSuccess() {
      budget = Math.min(budgetMax, budget + gainPerSuccess);
    },
  };
}
