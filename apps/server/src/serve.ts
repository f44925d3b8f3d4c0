import { createHmac } from 'node:crypto';
import { openAuthStore, openDatabase, openRateLimitStore } from '@holdfast/db';
import type { Logger } from 'pino';
import { type Auth, createOutsideAuth } from './auth/auth.ts';
import type { SignInOptions } from './auth/sign-in.ts';
import type { Settings } from './env.ts';
import { createApp } from './http/app.ts';
import { handleBadRequest } from './http/bad-requests.ts';
import { watchConnections } from './http/connections.ts';
import { listen } from './http/listen.ts';
import { createCallLimit, createLimiters } from './rate-limit.ts';
import { toHttpUrl } from './request/http-url.ts';
import type { Shutdown } from './shutdown.ts';
import { createTelemetry } from './telemetry/telemetry.ts';
import { openTracing } from './telemetry/tracing.ts';

export interface ServeOptions {
  settings: Settings;
  /** A migrated database. */
  databaseUrl: string;
  secret: string;
  logger: Logger;
  /** Told of everything that is opened here. */
  shutdown: Shutdown;
}

/** Opens the database and serves the API on it. Answers the URL where it listens. */
export async function serve({ settings, databaseUrl, secret, logger, shutdown }: ServeOptions): Promise<string> {
  // Closed last, with whatever the end itself has to tell.
  const tracing = await openTracing(settings.tracing, logger);
  if (tracing) shutdown.add({ name: 'tracing', limitMs: 3000, close: () => tracing.close() });
  const watch = createTelemetry({ logger, slowQueryMs: settings.slowQueryMs, tracing });
  const { observer } = watch;

  const { poolWaitMs, connectTimeoutMs, statementTimeoutMs } = settings;
  const limits = { url: databaseUrl, poolWaitMs, connectTimeoutMs, statementTimeoutMs, observer };
  const db = await openDatabase({
    ...limits,
    cursorKey: createHmac('sha256', secret).update('cursors').digest('hex'),
    replicaUrl: settings.replicaUrl,
    poolMax: settings.poolMax,
  });
  shutdown.add({ name: 'database', limitMs: 3000, close: () => db.close() });
  watch.metrics.watchPool(() => db.poolState());

  const store = openAuthStore(limits);
  shutdown.add({ name: 'auth store', limitMs: 3000, close: () => store.close() });

  const isShared = settings.rateLimitStore === 'postgresql';
  const counts = isShared ? openRateLimitStore({ url: databaseUrl, observer }) : null;
  if (counts) shutdown.add({ name: 'rate limit store', limitMs: 3000, close: () => counts.close() });
  const createLimiter = createLimiters(counts);
  const createAuth = await loadAuth(settings);

  // Closed first: running requests still need what was opened above.
  const { server, url } = await listen(settings);
  const connections = watchConnections(server);
  shutdown.add({ name: 'server', limitMs: 11_000, close: () => connections.close(10_000) });
  handleBadRequest(server, connections, logger);

  const { publicUrl = url, trustProxy, trustedOrigins, requestTimeoutMs } = settings;
  const twins = settings.publicUrl === undefined ? toLoopbackTwins(url) : [];
  const auth = createAuth({
    store,
    publicUrl,
    secret,
    trustedOrigins: [...trustedOrigins, ...twins],
    createLimiter,
  });
  server.on(
    'request',
    createApp({
      db,
      auth,
      logger,
      publicUrl,
      trustedOrigins,
      trustProxy,
      requestTimeoutMs,
      watch,
      metricsToken: settings.metricsToken,
      countCalls: createCallLimit(createLimiter, settings.rateLimitPerMinute),
      isStopping: () => shutdown.isStopping(),
    }),
  );
  return url;
}

/** With an outside issuer the sign-in is not even loaded: it is a tenth of the memory that the process would hold. */
async function loadAuth({ outsideIssuer }: Settings): Promise<(options: SignInOptions) => Auth> {
  if (outsideIssuer) return () => createOutsideAuth(outsideIssuer);
  const { createOwnAuth } = await import('./auth/own-auth.ts');
  return createOwnAuth;
}

/** On a loopback address, the other names a browser on this machine may have used. */
function toLoopbackTwins(url: string): string[] {
  const { hostname, port } = new URL(url);
  const isLoopback = /^(localhost|127(\.\d+){3}|\[::1\])$/.test(hostname);
  return isLoopback ? ['localhost', '127.0.0.1'].map((host) => toHttpUrl(host, Number(port || 80))) : [];
}
