import { createHash, timingSafeEqual } from 'node:crypto';
import { TRPCError } from '@trpc/server';
import { Router } from 'express';
import type { Metrics } from '../telemetry/metrics.ts';

export interface MetricsRouteOptions {
  metrics: Metrics;
  /** What whoever reads the metrics must present; without it anybody may. */
  token: string | undefined;
}

/** `GET /metrics`: what Prometheus scrapes. */
export function createMetricsRoute({ metrics, token }: MetricsRouteOptions): Router {
  // oxlint-disable-next-line oxc/no-async-endpoint-handlers -- Express 5 passes on what an async handler throws.
  return Router().get('/metrics', async (req, res) => {
    if (token !== undefined && !isBearer(req.headers.authorization, token)) {
      const message = 'Metrics need their token: authorization: Bearer <METRICS_TOKEN>.';
      throw new TRPCError({ code: 'UNAUTHORIZED', message });
    }
    const text = await metrics.read();
    res.set('content-type', metrics.contentType).end(text);
  });
}

const hash = (text: string) => createHash('sha256').update(text).digest();

/** Hashes are of one length, so that the comparison tells nothing of the token by the time it takes. */
function isBearer(authorization: string | undefined, token: string): boolean {
  return timingSafeEqual(hash(authorization ?? ''), hash(`Bearer ${token}`));
}
