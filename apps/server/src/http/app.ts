import type { RequestListener } from 'node:http';
import type { Database } from '@holdfast/db';
import cors from 'cors';
import express from 'express';
import type { Logger } from 'pino';
import type { Auth } from '../auth/auth.ts';
import type { CountCalls } from '../rate-limit.ts';
import type { Watch } from '../telemetry/telemetry.ts';
import { withSaneTarget } from './bad-requests.ts';
import { sendNotFound, createErrorHandler } from './error-response.ts';
import { createHealth } from './health.ts';
import { createIndexRoute } from './index-route.ts';
import { createMetricsRoute } from './metrics-route.ts';
import { createProcedures } from './procedures.ts';
import { createRequestLog } from './request-log.ts';
import { createSecurityHeaders } from './security-headers.ts';

export interface AppOptions {
  db: Database;
  auth: Auth;
  logger: Logger;
  /** Origin under which clients reach this server. */
  publicUrl: string;
  /** Origins whose pages may call with their visitors' cookies. */
  trustedOrigins: string[];
  /** How many proxies stand before this server and may say whom they speak for. */
  trustProxy: number;
  /** Milliseconds after which the work for a request is ended. */
  requestTimeoutMs: number;
  watch: Watch;
  /** What whoever reads the metrics must present; without it anybody may. */
  metricsToken: string | undefined;
  countCalls: CountCalls;
  /** Whether the server is shutting down. */
  isStopping: () => boolean;
}

/** The HTTP application: everything between a request and its answer. Listens nowhere and reads no environment. */
export function createApp({
  db,
  auth,
  logger,
  publicUrl,
  trustedOrigins,
  trustProxy,
  requestTimeoutMs,
  watch,
  metricsToken,
  countCalls,
  isStopping,
}: AppOptions): RequestListener {
  const app = express();
  app.disable('x-powered-by');
  app.set('trust proxy', trustProxy);
  app.set('query parser', 'simple');
  app.use(createRequestLog({ logger, timeoutMs: requestTimeoutMs, watch }));
  app.use(createSecurityHeaders());
  const isCrossOrigin = trustedOrigins.length > 0;
  if (isCrossOrigin) {
    const exposedHeaders = ['x-request-id', 'retry-after', 'set-auth-token'];
    app.use(cors({ origin: trustedOrigins, credentials: true, methods: ['GET', 'POST'], exposedHeaders, maxAge: 600 }));
  }
  // First of the routes: each one that is passed over costs a call a microsecond.
  app.use('/trpc', createProcedures({ db, auth, logger, isCrossOrigin, countCalls, watch }));
  app.use(createHealth({ db, isStopping }));
  app.use(createMetricsRoute({ metrics: watch.metrics, token: metricsToken }));
  app.get('/', createIndexRoute({ publicUrl, hasSignIn: auth.routes !== null }));
  if (auth.routes) app.use(auth.routes);
  app.use(sendNotFound);
  app.use(createErrorHandler(logger));
  return withSaneTarget(app, logger);
}
