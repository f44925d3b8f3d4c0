import { AsyncLocalStorage } from 'node:async_hooks';
import type { Caller } from '@holdfast/api';
import type { EndedAccess as EndedAccessRead } from '@holdfast/db';

/** A credential that was valid when it was checked. */
export interface Credential {
  caller: Caller;
  /** The session that the token belongs to; null for tokens without a session. */
  sessionId: string | null;
  /** Milliseconds since 1970. */
  issuedAt: number;
}

/** The parts of a credential that decide whether its access has ended. */
export type EndableAccess = Pick<Credential, 'sessionId' | 'issuedAt'> & { caller: Pick<Caller, 'userId'> };

/** A credential of a request. */
export interface RequestCredential extends Credential {
  /** Milliseconds since 1970. */
  expiresAt: number;
  /** The session with which a stream ends; null if there is none. */
  streamSessionId: string | null;
}

/**
 * The sessions that have ended and the users that were erased, as this process last read them. One small query every few
 * seconds replaces a query per request. Without requests, there is no query.
 */
export interface EndedAccess {
  /** Undefined if the last read is recent enough. Otherwise a promise of the next read, which must succeed. */
  refresh(): Promise<void> | undefined;
  /** The next `refresh` reads again. Call it after a session has ended. */
  invalidate(): void;
  /** Whether this process has ended a session that the last read may not contain. */
  isInvalidated(): boolean;
  isEnded(credential: EndableAccess): boolean;
}

/** After this time, a request starts another read but does not wait for it. */
const freshMs = 10_000;
/** After this time, requests wait for another read, and fail with it. With the read itself, access ends within 60 seconds. */
const usableMs = 50_000;
/** Tokens live for 15 minutes, so older ends of sessions are dropped. */
const memoryMs = 20 * 60_000;

export type ReadEndedAccess = (position: string) => Promise<EndedAccessRead>;

export function createEndedAccess(read: ReadEndedAccess, now: () => number = Date.now): EndedAccess {
  // A read belongs to no request: it must not end with one, nor count as its cost.
  const outsideOfRequests = AsyncLocalStorage.snapshot();
  let position = '0';
  let reading: Promise<void> | undefined;
  let readAt = -Infinity;
  /** The number of invalidations so far, and at the start of the last read. */
  let [invalidations, seenInvalidations] = [0, -1];
  /** IDs since the last change of sets, and those of the period before. */
  let [sessions, formerSessions, changedAt] = [new Set<string>(), new Set<string>(), now()];
  let erasedUsers: ReadonlySet<string> = new Set();
  /** Tokens that were issued before this time have ended, because too many sessions ended to list them. */
  let endedBefore = -Infinity;

  async function load(): Promise<void> {
    const [startedAt, seen] = [now(), invalidations];
    const found = await read(position);
    if (startedAt - changedAt > memoryMs) {
      [sessions, formerSessions, changedAt] = [new Set(), sessions, startedAt];
    }
    if (found.sessionIds === null) endedBefore = startedAt;
    for (const id of found.sessionIds ?? []) sessions.add(id);
    erasedUsers = new Set(found.erasedUserIds);
    position = found.position;
    [readAt, seenInvalidations] = [startedAt, seen];
  }

  function start(): Promise<void> {
    reading ??= outsideOfRequests(load).finally(() => (reading = undefined));
    return reading;
  }

  /** Also if a read has started before the last invalidation. */
  async function catchUp(): Promise<void> {
    const wanted = invalidations;
    await start();
    if (seenInvalidations < wanted) await start();
  }

  return {
    refresh() {
      const age = now() - readAt;
      // A negative age means that the clock was set back.
      const isUsable = age >= 0 && age < usableMs && seenInvalidations === invalidations;
      if (!isUsable) return catchUp();
      if (age >= freshMs) start().catch(() => {});
      return undefined;
    },
    invalidate() {
      invalidations += 1;
    },
    isInvalidated: () => seenInvalidations !== invalidations,
    isEnded({ caller, sessionId, issuedAt }) {
      if (erasedUsers.has(caller.userId)) return true;
      if (sessionId === null) return false;
      return issuedAt < endedBefore || sessions.has(sessionId) || formerSessions.has(sessionId);
    },
  };
}
