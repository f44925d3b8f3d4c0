import type { RequestListener } from 'node:http';
import type { Database } from '@holdfast/db';
import cors from 'cors';
import express, { type RequestHandler } from 'express';
import type { Logger } from 'pino';
import type { Auth } from '../auth/auth.ts';
import type { Streams } from '../live/streams.ts';
import type { ToShare } from '../peers/place.ts';
import type { CallLimits } from '../rate-limit.ts';
import { FairTurns } from '../request/fair-turns.ts';
import { revisionHeader } from '../request/lag-limits.ts';
import { findExtraBodyError } from '../request/refused-requests.ts';
import { restBase } from '../request/rest-routes.ts';
import { mcpPath, toRoute } from '../request/routes.ts';
import type { Telemetry } from '../telemetry/telemetry.ts';
import type { WebApp } from '../web/app.ts';
import { createWebRoute } from '../web/route.ts';
import { withValidTarget } from './bad-requests.ts';
import { createCalendarRoute } from './calendar-route.ts';
import { type CallerLimits, createCallerLimits } from './caller-limits.ts';
import { toAddressKey } from './callers.ts';
import { createErrorHandler, sendNotFound } from './error-response.ts';
import { createHealth } from './health.ts';
import { createIndexRoute } from './index-route.ts';
import type { MessagePrototypes } from './listen.ts';
import { createMetricsRoute } from './metrics-route.ts';
import { serveOneByOne } from './one-by-one.ts';
import { createOpenApiRoute } from './openapi-route.ts';
import { createProcedures } from './procedures.ts';
import { createRequestLog } from './request-log.ts';
import { createSecurityHeaders } from './security-headers.ts';

export interface AppOptions extends CallLimits {
  /** Those of the server's requests and responses. They get the methods of Express. */
  prototypes: MessagePrototypes;
  db: Database;
  auth: Auth;
  logger: Logger;
  /** Origin that clients use to reach this server. */
  publicUrl: string;
  /** Origins whose pages may call with the session cookie. */
  trustedOrigins: string[];
  /** Number of proxies in front of this server. Their `X-Forwarded-For` header is trusted. */
  trustProxy: number;
  /** Milliseconds after which the server ends the work for a request. */
  requestTimeoutMs: number;
  telemetry: Telemetry;
  /** Returns the metrics of the whole server. */
  readMetrics: () => Promise<string>;
  /** Bearer token that `/metrics` requires. Without it, `/metrics` is public. */
  metricsToken: string | undefined;
  streams: Streams;
  webApp: WebApp;
  toShare: ToShare;
  /** Whether the server is shutting down. */
  isStopping: () => boolean;
}

/** Creates the HTTP application. It does not listen, and does not read the environment. */
export function createApp({
  prototypes,
  db,
  auth,
  logger,
  publicUrl,
  trustedOrigins,
  trustProxy,
  requestTimeoutMs,
  telemetry,
  readMetrics,
  metricsToken,
  limitCalls,
  limitCalendar,
  streams,
  webApp,
  toShare,
  isStopping,
}: AppOptions): RequestListener {
  const app = express();
  // Express sets the prototype of each request and response. That takes long, unless the object has this prototype already.
  app.request = Object.setPrototypeOf(prototypes.request, app.request);
  app.response = Object.setPrototypeOf(prototypes.response, app.response);
  app.disable('x-powered-by');
  app.set('trust proxy', trustProxy);
  app.set('query parser', 'simple');
  app.use(takeTurns());
  app.use(createRequestLog({ logger, timeoutMs: requestTimeoutMs, telemetry }));
  app.use(createSecurityHeaders());
  app.use(serveHeadAsGet);
  const callerLimits = createCallerLimits(toShare);
  if (trustedOrigins.length > 0) {
    const methods = ['GET', 'POST', 'PATCH', 'DELETE'];
    const exposedHeaders = ['x-request-id', 'retry-after', 'set-auth-token', 'etag', revisionHeader];
    // Chromium stores a preflight for at most two hours.
    const maxAge = 7200;
    app.use(cors({ origin: trustedOrigins, credentials: true, methods, exposedHeaders, maxAge }));
  }
  // First of the routes, since each earlier route would cost every call a microsecond.
  const { trpc, rest, mcp } = createProcedures({
    db,
    auth,
    logger,
    publicUrl,
    trustedOrigins,
    limitCalls,
    callerLimits,
    streams,
    telemetry,
  });
  app.use('/trpc', trpc);
  app.use(restBase, rest);
  app.all(mcpPath, mcp);
  app.use(refuseBodies, ignoreLongLists);
  app.use(createHealth({ db, isStopping }));
  app.get('/openapi.json', createOpenApiRoute());
  const { metrics } = telemetry;
  app.get('/calendar/:secret.ics', createCalendarRoute({ db, limitCalls, limitCalendar, callerLimits, metrics }));
  app.use(createMetricsRoute({ contentType: metrics.contentType, read: readMetrics, token: metricsToken }));
  if (webApp.files) app.use(createWebRoute(webApp.files));
  app.get('/', createIndexRoute({ publicUrl, hasSignIn: auth.routes !== null, webApp }));
  if (auth.routes) app.use('/api/auth', limitByAddress(callerLimits)).use(auth.routes);
  app.use(sendNotFound);
  app.use(createErrorHandler(logger));
  return serveOneByOne(withValidTarget(app, logger));
}

/** Of requests that arrive at the same time, those of one address start in turns with those of others. */
function takeTurns(): RequestHandler {
  const turns = new FairTurns();
  return (req, _res, next) => {
    const begin = () => {
      if (!req.socket.destroyed) next();
    };
    turns.start(begin, () => toAddressKey(req));
  };
}

/** Node sends no body in the response, since it has read the method already. A stream without a body would be useless. */
const serveHeadAsGet: RequestHandler = (req, _res, next) => {
  if (req.method === 'HEAD' && toRoute(req.path) !== 'stream') req.method = 'GET';
  next();
};

/** Rejects bodies that no route reads. */
const refuseBodies: RequestHandler = (req, _res, next) => {
  const error = req.method === 'GET' ? findExtraBodyError(req) : null;
  if (error !== null) throw error;
  next();
};

const listLengthMax = 1000;

/** Longer lists of types count as any type. To find the best of 4,000 takes milliseconds, in which the process serves no other call. */
const ignoreLongLists: RequestHandler = ({ headers }, _res, next) => {
  for (const name of ['accept', 'accept-encoding'] as const) {
    if (headers[name] !== undefined && headers[name].length > listLengthMax) delete headers[name];
  }
  next();
};

/** Limits how many sign-in requests of one address run side by side. They wait only after their bodies have arrived. */
function limitByAddress(limits: CallerLimits): RequestHandler {
  return (req, res, next) => {
    res.locals.waitForTurn = async (signal) => {
      const address = toAddressKey(req);
      await limits.enterAddress(res, { address, signal });
      return limits.beginTurn(res, { address, signal });
    };
    next();
  };
}
