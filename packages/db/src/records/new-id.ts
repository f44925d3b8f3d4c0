import { randomInt } from 'node:crypto';
import { v7 } from 'uuid';

/** A clock that goes back by less than this was corrected by a time service. Larger steps correct a wrong time. */
const toleranceMs = 2_000;
const sequenceMax = 2 ** 32 - 1;

let last = { time: 0, sequence: 0 };

/**
 * A new UUIDv7, and its time in ISO 8601. Both come from one reading of the clock, so that generated ids sort in order of
 * creation, even if the clock goes back a little. After a larger step back, times follow the clock again: a wrong clock
 * affects only the tasks that were created meanwhile.
 */
export function createIdAndTime(): { id: string; createdAt: string } {
  last = findNext(Date.now());
  const id = v7({ msecs: last.time, seq: last.sequence });
  return { id, createdAt: new Date(last.time).toISOString() };
}

function findNext(now: number): typeof last {
  const { time, sequence } = last;
  // Half of the range remains for ids of the same millisecond.
  if (now > time || time - now > toleranceMs) return { time: now, sequence: randomInt(2 ** 31) };
  return sequence < sequenceMax ? { time, sequence: sequence + 1 } : { time: time + 1, sequence: 0 };
}
