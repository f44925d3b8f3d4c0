import { AsyncLocalStorage } from 'node:async_hooks';
import type { Database } from '@holdfast/db';
import { inOperation } from '@holdfast/operation';
import type { Logger } from 'pino';
import { describeError } from '../telemetry/log-fields.ts';
import type { WakeUps } from './wake-ups.ts';

export interface PollOptions {
  db: Pick<Database, 'findChangedUsers'>;
  wakeUps: WakeUps;
  logger: Logger;
  /** Milliseconds between two polls. 0 turns the poll off. */
  intervalMs: number;
}

export interface Poll {
  /** Polls until no one watches. Call it when a stream opens. */
  start(): void;
  close(): void;
}

/** Users per statement. */
const batchMax = 10_000;

/** Milliseconds after which a poll is abandoned. */
const limitMs = 10_000;

/**
 * Finds the changes that other servers and programs have written, with one statement per interval for all watched users. A poll
 * that fails only delays the wake-ups: the next one finds the same changes.
 */
export function createPoll({ db, wakeUps, logger, intervalMs }: PollOptions): Poll {
  // A poll belongs to no request, although a request can start the first one.
  const outsideOfRequests = AsyncLocalStorage.snapshot();
  let timer: NodeJS.Timeout | undefined;
  let [isClosed, hasFailed] = [intervalMs === 0, false];

  async function poll(): Promise<void> {
    const watched = [...wakeUps.users].map(([userId, { revision }]) => ({
      userId,
      revision: revision === null ? null : String(revision),
    }));
    for (let at = 0; at < watched.length; at += batchMax) {
      const changed = await db.findChangedUsers(watched.slice(at, at + batchMax));
      const now = performance.now();
      for (const { userId, revision, ageMs } of changed) {
        wakeUps.wakeBehind(userId, { revision: Number(revision), at: now - (ageMs ?? 0) });
      }
    }
  }

  async function run(): Promise<void> {
    try {
      await inOperation({ name: 'changes.poll', deadlineAt: performance.now() + limitMs }, poll);
      hasFailed = false;
    } catch (error) {
      if (!hasFailed) logger.warn(describeError(error), 'poll of changes failed, streams wait for the next one');
      hasFailed = true;
    }
    timer = undefined;
    schedule();
  }

  function schedule(): void {
    if (isClosed || timer !== undefined || wakeUps.users.size === 0) return;
    timer = setTimeout(() => void run(), intervalMs).unref();
  }

  return {
    start: () => outsideOfRequests(schedule),
    close() {
      isClosed = true;
      clearTimeout(timer);
    },
  };
}
