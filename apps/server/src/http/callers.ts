import type { Caller } from '@holdfast/api';
import type { TRPCRequestInfo } from '@trpc/server/http';
import type { Request, Response } from 'express';
import type { Auth } from '../auth/auth.ts';
import { type LimitCalls, withRefusals } from '../rate-limit.ts';
import { assertSmallBody, toBodyLimits } from '../request/body-limits.ts';
import { toClientAddress, toNetwork } from '../request/client-address.ts';
import { onClose } from '../request/on-close.ts';
import { toResponseSize } from '../request/response-size.ts';
import type { Metrics } from '../telemetry/metrics.ts';
import type { CallerLimits } from './caller-limits.ts';

export interface CallerOptions {
  auth: Auth;
  limitCalls: LimitCalls;
  callerLimits: CallerLimits;
  metrics: Metrics;
}

/** A request counts as one call for each started 16 KiB of its body. */
const requestBytesPerCall = 16 * 1024;

/** The same for its response. The server's work for a call is about as much as for so many bytes of a response. */
const responseBytesPerCall = 64 * 1024;

const toProcedure = ({ procedure }: TRPCRequestInfo['calls'][number]) => procedure;

/** The key of a client's address in limits. */
export function toAddressKey(req: Request): string {
  return `address ${toNetwork(toClientAddress(req.ip))}`;
}

/**
 * Creates a function that authenticates the caller of a request, applies the rate limit to the user, or to the address
 * without a valid token, and waits until the request may run.
 */
export function createAuthenticate({ auth, limitCalls, callerLimits, metrics }: CallerOptions) {
  return async (req: Request, res: Response, info: TRPCRequestInfo): Promise<Caller | null> => {
    const count = withRefusals(limitCalls, () => metrics.recordRateLimited(info.calls.length));
    const bodyBytes = toBodyBytes(req);
    const calls = Math.max(info.calls.length, bodyBytes === Infinity ? 0 : Math.ceil(bodyBytes / requestBytesPerCall));
    let leaveAddress: (() => void) | undefined;
    let endTurn: (() => void) | undefined;
    if (auth.needsLookup(req)) {
      // A session lookup costs a query, so an address that is already over its limit gets none.
      const address = toAddressKey(req);
      await count(address, 0);
      leaveAddress = await callerLimits.enterAddress(res, { address, signal: info.signal });
      endTurn = await callerLimits.beginTurn(res, { address, signal: info.signal });
    }
    const caller = await auth.authenticate(req, res).catch(async (error: unknown) => {
      await count(toAddressKey(req), calls);
      throw error;
    });
    // The user's own limit follows, so that users of one address do not wait for each other's requests.
    endTurn?.();
    leaveAddress?.();
    if (caller === null) {
      await count(toAddressKey(req), calls);
      return null;
    }
    const { userId } = caller;
    res.locals.userId = userId;
    await count(`user ${userId}`, calls);
    // A stream is idle for most of its time. Its reads have limits of their own.
    if (info.type === 'subscription') assertSmallBody(bodyBytes, requestBytesPerCall);
    else {
      const procedures = info.calls.map(toProcedure);
      const limits = bodyBytes === 0 ? null : toBodyLimits(procedures);
      // Before the body has arrived. A body of unknown length is checked when it is complete.
      if (limits !== null && bodyBytes < Infinity) assertSmallBody(bodyBytes, limits.bytesMax);
      const responseSize = toResponseSize(procedures);
      const isLong = limits !== null && bodyBytes > limits.quickBytesMax;
      await callerLimits.enterUser(res, { userId, responseSize, isLong, bodyBytes, signal: info.signal });
    }
    countBytes(res, { key: `user ${userId}`, countsBody: bodyBytes === Infinity, limitCalls });
    return caller;
  };
}

/** The declared size of the body. Infinity if the request does not declare it. */
function toBodyBytes({ headers }: Request): number {
  return headers['transfer-encoding'] === undefined ? Number(headers['content-length'] ?? 0) : Infinity;
}

interface CountOptions {
  key: string;
  countsBody: boolean;
  limitCalls: LimitCalls;
}

/** Counts the bytes of the response, and on request those of the body, when the response is closed. */
function countBytes(res: Response, { key, countsBody, limitCalls }: CountOptions): void {
  const { socket } = res.req;
  const [readBefore, writtenBefore] = [socket.bytesRead, socket.bytesWritten];
  onClose(res, () => {
    const read = countsBody ? socket.bytesRead - readBefore : 0;
    const written = socket.bytesWritten - writtenBefore;
    const calls = Math.floor(read / requestBytesPerCall) + Math.floor(written / responseBytesPerCall);
    if (calls > 0) limitCalls(key, calls).catch(() => undefined);
  });
}
