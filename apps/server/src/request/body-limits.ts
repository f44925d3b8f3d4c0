import { type AnyTRPCProcedure, TRPCError } from '@trpc/server';
import { bodyBytesMax } from './limits.ts';
import { toMeta } from './procedure-meta.ts';

interface BodyLimits {
  bytesMax: number;
  /** Maximum number of commas, colons and opening brackets in the JSON. */
  partsMax: number;
  /** Longer bodies make much work: for the database, a task of twenty bytes is as much as one of a kilobyte. */
  quickBytesMax: number;
}

/** A request whose calls are not known. 500 tasks with 20 labels need so many parts. */
const request: BodyLimits = { bytesMax: bodyBytesMax, partsMax: 30_000, quickBytesMax: 2 * 1024 };

/** A call with the input of one record. The largest task has 140 KB if each character is an escape sequence, and 40 parts. */
const call: BodyLimits = { bytesMax: 256 * 1024, partsMax: 200, quickBytesMax: 32 * 1024 };

/** The limits of a body with the inputs of these procedures. Null stands for an unknown one. */
export function toBodyLimits(procedures: readonly (AnyTRPCProcedure | null)[]): BodyLimits {
  if (procedures.length === 0 || procedures.some(takesMany)) return request;
  return {
    bytesMax: Math.min(request.bytesMax, procedures.length * call.bytesMax),
    partsMax: procedures.length * call.partsMax,
    quickBytesMax: call.quickBytesMax,
  };
}

function takesMany(procedure: AnyTRPCProcedure | null): boolean {
  return procedure === null || toMeta(procedure).takesMany === true;
}

/** @throws TRPCError PAYLOAD_TOO_LARGE */
export function assertSmallBody(bytes: number, bytesMax: number): void {
  if (bytes <= bytesMax) return;
  const most = bytesMax < bodyBytesMax ? `${bytesMax / 1024} KiB` : '1 MiB';
  throw new TRPCError({ code: 'PAYLOAD_TOO_LARGE', message: `Request body too large. Send at most ${most}.` });
}
