import type { Response } from 'express';
import { LibraryTurns } from '../auth/throttles/library-turns.ts';
import type { ToShare } from '../peers/place.ts';
import { toTooManyRequests } from '../rate-limit.ts';
import { type GateLimits, Gates } from '../request/gate.ts';
import { onClose } from '../request/on-close.ts';
import type { ResponseSize } from '../request/response-size.ts';

/**
 * Requests of one user that run at the same time, and that wait. They are fewer than the connections of a database pool: if the
 * writes of a user wait for each other, other users still get connections.
 */
const userLimits = { runningMax: 4, waitingMax: 30 };

/** The same for requests of one address before their user is known. Several users can share an address. */
const addressLimits = { runningMax: 50, waitingMax: 200 };

/** The same for requests of one user with large responses. */
const largeLimits = { runningMax: 1, waitingMax: 20 };

/** The same for requests of one user with large bodies. */
const bodyLimits = { runningMax: 2, waitingMax: 4 };

/** Bodies of more bytes are large, and so are bodies without a declared length. */
const smallBodyBytes = 64 * 1024;

/** The same for requests of one user that make much work. */
const longLimits = { runningMax: 1, waitingMax: 30 };

/**
 * After a request that makes much work, or one with a large response that is more than a page, the next one of its user waits this
 * many times as long as it took. So a user who sends them without a break takes a third of the time of the processor and the database.
 */
const longRest: Rest = { factor: 2, msMax: 1000 };

/** The same after a read of a calendar. Calendar apps read it every few minutes. */
const calendarRest: Rest = { factor: 20, msMax: 5000, exceptFor: 404 };

interface Rest {
  factor: number;
  msMax: number;
  /** Status of a response after which no request waits. */
  exceptFor?: number;
}

/** Responses of this many bytes or more are large. */
const largeBytesMin = 128 * 1024;

/** Milliseconds for which a user with a large response counts as such. */
const largeMs = 60_000;

/** Users with remembered responses. */
const usersMax = 10_000;

export interface CallerLimits {
  /**
   * Waits until one more request of the address may run. It runs until its response is closed, or until the caller calls
   * the returned function.
   */
  enterAddress(res: Response, request: { address: string; signal: AbortSignal }): Promise<() => void>;
  /**
   * Waits until the sign-in library may work for one more request of the address. Its turn ends when its response is closed, or when the
   * caller calls the returned function.
   */
  beginTurn(res: Response, request: { address: string; signal: AbortSignal }): Promise<() => void>;
  /** Waits until a calendar of the user may be read. After it, the next read waits, unless the response was 404. */
  enterCalendar(res: Response, request: { userId: string; signal: AbortSignal }): Promise<void>;
  /** Waits until one more request of the user may run. It runs until its response is closed. A user with large responses has a lower limit for them. */
  enterUser(res: Response, request: UserRequest): Promise<void>;
}

export interface UserRequest {
  userId: string;
  responseSize: ResponseSize;
  /** Whether the request makes much work, by the size of its body. */
  isLong: boolean;
  /** Infinity if the request does not declare it. */
  bodyBytes: number;
  signal: AbortSignal;
}

interface LongRequest {
  key: string;
  signal: AbortSignal;
  rest: Rest;
}

const toFullError = () => toTooManyRequests('Too many requests at a time. Wait for their responses.', 1000);

/** Limits how many requests of one caller run side by side, so that one caller cannot occupy the server. */
export function createCallerLimits(toShare: ToShare): CallerLimits {
  const createGates = ({ runningMax, waitingMax }: GateLimits) =>
    new Gates({ runningMax: toShare(runningMax), waitingMax: toShare(waitingMax) }, toFullError);
  const [users, addresses] = [createGates(userLimits), createGates(addressLimits)];
  const [responses, bodies, long] = [createGates(largeLimits), createGates(bodyLimits), createGates(longLimits)];
  const sizes = createSizes();
  const turns = new LibraryTurns(toFullError);

  async function enterLong(res: Response, { key, signal, rest }: LongRequest): Promise<void> {
    await long.enter(key, signal);
    const startedAt = performance.now();
    const leave = () => long.leave(key);
    onClose(res, () => {
      if (res.statusCode === rest.exceptFor) leave();
      else afterRest({ startedAt, rest }, leave);
    });
  }

  return {
    async enterAddress(res, { address, signal }) {
      await addresses.enter(address, signal);
      let hasLeft = false;
      const leave = () => {
        if (!hasLeft) addresses.leave(address);
        hasLeft = true;
      };
      onClose(res, leave);
      return leave;
    },
    async beginTurn(res, { address, signal }) {
      const end = await turns.begin(address, signal);
      onClose(res, end);
      return end;
    },
    enterCalendar: (res, { userId, signal }) =>
      enterLong(res, { key: `calendar ${userId}`, signal, rest: calendarRest }),
    async enterUser(res, { userId, responseSize, isLong, bodyBytes, signal }) {
      if (bodyBytes > smallBodyBytes) {
        await bodies.enter(userId, signal);
        onClose(res, () => bodies.leave(userId));
      }
      if (isLong) await enterLong(res, { key: userId, signal, rest: longRest });
      if (responseSize !== 'few records') {
        const isLarge = () => responseSize === 'more' || sizes.isLarge(userId);
        const toMax = () => toShare(isLarge() ? largeLimits.runningMax : userLimits.runningMax);
        await responses.enter(userId, signal, toMax());
        const startedAt = performance.now();
        const { socket } = res;
        const bytesBefore = socket?.bytesWritten ?? 0;
        onClose(res, () => {
          const isWhole = res.writableFinished && res.statusCode === 200;
          const bytes = (socket?.bytesWritten ?? 0) - bytesBefore;
          sizes.record(userId, { bytes, isWhole });
          const leave = () => responses.leave(userId, toMax());
          if (responseSize === 'more' && bytes >= largeBytesMin) afterRest({ startedAt, rest: longRest }, leave);
          else leave();
        });
      }
      await users.enter(userId, signal);
      onClose(res, () => users.leave(userId));
    },
  };
}

function afterRest({ startedAt, rest }: { startedAt: number; rest: Rest }, work: () => void): void {
  setTimeout(work, Math.min(rest.msMax, rest.factor * (performance.now() - startedAt))).unref();
}

/** Remembers which users have large responses. Until a first response that may be large is complete, its user counts as such. */
function createSizes() {
  /** Times until which users count as large, on the clock of `performance.now()`. */
  const largeUntil = new Map<string, number>();
  return {
    isLarge: (userId: string) => (largeUntil.get(userId) ?? Infinity) > performance.now(),
    record(userId: string, { bytes, isWhole }: { bytes: number; isWhole: boolean }): void {
      const isLarge = bytes >= largeBytesMin;
      if (!isLarge && (!isWhole || largeUntil.has(userId))) return;
      // A map returns its keys in insertion order, so the first one is the oldest.
      largeUntil.delete(userId);
      if (largeUntil.size >= usersMax) largeUntil.delete(largeUntil.keys().next().value!);
      largeUntil.set(userId, isLarge ? performance.now() + largeMs : 0);
    },
  };
}
