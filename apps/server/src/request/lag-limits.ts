import type { LagLimits } from '@holdfast/db';
import { TRPCError } from '@trpc/server';
import type { Request } from 'express';

/** In requests: the revision that reads must contain. In responses: the newest revision that the request has written. */
export const revisionHeader = 'x-holdfast-revision';

/**
 * How old the data of reads may be: `cache-control: max-stale`, with or without seconds (RFC 9111, 5.2.1.2). False without it.
 *
 * @throws TRPCError BAD_REQUEST for an invalid revision.
 */
export function readLagLimits({ headers }: Pick<Request, 'headers'>): LagLimits | false {
  const directive = /(?:^|[\s,])max-stale(?:=(\d{1,9}))?(?=$|[\s,])/i.exec(headers['cache-control'] ?? '');
  if (directive === null) return false;
  return {
    ...(directive[1] !== undefined && { maxLagMs: Number(directive[1]) * 1000 }),
    minRevision: readRevision(headers[revisionHeader]),
  };
}

function readRevision(header: string | string[] | undefined): number | undefined {
  if (header === undefined) return undefined;
  if (typeof header === 'string' && /^\d{1,15}$/.test(header)) return Number(header);
  const message = `${revisionHeader} must be a whole number. Send the header of an earlier response.`;
  throw new TRPCError({ code: 'BAD_REQUEST', message });
}
