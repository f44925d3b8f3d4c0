import { createHash, timingSafeEqual } from 'node:crypto';
import { TRPCError } from '@trpc/server';
import { Router } from 'express';

export interface MetricsRouteOptions {
  contentType: string;
  read: () => Promise<string>;
  /** Bearer token that the route requires. Without it, the route is public. */
  token: string | undefined;
}

/** `GET /metrics`: the metrics in Prometheus' text format. */
export function createMetricsRoute({ contentType, read, token }: MetricsRouteOptions): Router {
  // oxlint-disable-next-line oxc/no-async-endpoint-handlers -- Express 5 handles the errors of async handlers.
  return Router().get('/metrics', async (req, res) => {
    if (token !== undefined && !isBearer(req.headers.authorization, token)) {
      const message = 'The metrics token is missing or wrong. Send authorization: Bearer <METRICS_TOKEN>.';
      throw new TRPCError({ code: 'UNAUTHORIZED', message });
    }
    const text = await read();
    res.set('content-type', contentType).end(text);
  });
}

const hash = (text: string) => createHash('sha256').update(text).digest();

/** Compares hashes, which have equal lengths, so that the duration reveals nothing about the token. */
function isBearer(authorization: string | undefined, token: string): boolean {
  return timingSafeEqual(hash(authorization ?? ''), hash(`Bearer ${token}`));
}
