import type { AnyTRPCProcedure } from '@trpc/server';
import type { Request, Response } from 'express';
import { isJsonRequest, needsChunks } from '../json-calls.ts';
import type { AdapterOptions } from '../options.ts';
import { RequestTarget } from '../request-target.ts';

/** The call of a subscription that the fast path can serve. */
export interface StreamCall {
  /** The last segment of the request path, percent-encoded. */
  path: string;
  /** The path of the procedure. */
  name: string;
  procedure: AnyTRPCProcedure;
  target: RequestTarget;
}

/** Finds the subscription of a request, or returns null if it calls something else or tRPC's own adapter must serve it. */
export function findStream(
  { router, allowMethodOverride }: AdapterOptions,
  req: Request,
  res: Response,
): StreamCall | null {
  const known = router._def.procedures as Record<string, AnyTRPCProcedure | undefined>;
  try {
    const target = new RequestTarget(req);
    const path = target.lastSegment;
    const name = decodeURIComponent(path);
    const procedure = known[name];
    if (procedure?._def.type !== 'subscription') return null;
    if (req.method !== 'GET' && !(req.method === 'POST' && allowMethodOverride)) return null;
    const isPlain = isJsonRequest(req) && !needsChunks(res) && !target.hasUser;
    if (!isPlain || target.query.has('connectionParams') || target.query.get('batch') === '1') return null;
    return { path, name, procedure, target };
  } catch {
    // The path or the URL is malformed. tRPC's own adapter reports the error.
    return null;
  }
}
