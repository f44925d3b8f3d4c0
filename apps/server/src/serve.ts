import { createHmac } from 'node:crypto';
import type { ServerResponse } from 'node:http';
import { type AuthStore, openAuthStore, openDatabase, openRateLimitStore } from '@holdfast/db';
import type { Logger } from 'pino';
import { type Auth, createExternalAuth } from './auth/auth.ts';
import { builtInIssuer, openIssuer } from './auth/issuer.ts';
import type { SignInOptions } from './auth/sign-in.ts';
import type { Settings } from './env.ts';
import { createApp } from './http/app.ts';
import { handleBadRequest } from './http/bad-requests.ts';
import { trackConnections } from './http/connections.ts';
import { listen } from './http/listen.ts';
import { createStreams } from './live/streams.ts';
import { WakeUps } from './live/wake-ups.ts';
import { openMailer } from './mail/mailer.ts';
import { startMaintenance } from './maintenance.ts';
import { createCalendarLimit, createCallLimit, createLimiters } from './rate-limit.ts';
import { toHttpUrl } from './request/http-url.ts';
import { connectionsPerAddressMax } from './request/limits.ts';
import type { Shutdown } from './shutdown.ts';
import { createTelemetry } from './telemetry/telemetry.ts';
import { openTracing } from './telemetry/tracing.ts';
import { notBuilt, type WebApp } from './web/app.ts';

export interface ServeOptions {
  settings: Settings;
  /** A migrated database. */
  databaseUrl: string;
  secret: string;
  logger: Logger;
  /** Closes the resources that `serve` opens. */
  shutdown: Shutdown;
  webApp?: WebApp;
}

/** Streams take at most this share of the connections, so that calls find one too. */
const streamShare = 0.8;

const isStream = (response: ServerResponse | null) => response?.getHeader('content-type') === 'text/event-stream';

/** Opens the database and serves the API. Returns the server's URL. */
export async function serve({
  settings,
  databaseUrl,
  secret,
  logger,
  shutdown,
  webApp = notBuilt,
}: ServeOptions): Promise<string> {
  // Closed last, to send the spans of the shutdown as well.
  const tracing = await openTracing(settings.tracing, logger);
  if (tracing) shutdown.add({ name: 'tracing', limitMs: 3000, close: () => tracing.close() });
  const telemetry = createTelemetry({ logger, slowQueryMs: settings.slowQueryMs, tracing });
  const { observer } = telemetry;

  const { poolWaitMs, connectTimeoutMs, statementTimeoutMs } = settings;
  const storeOptions = { url: databaseUrl, poolWaitMs, connectTimeoutMs, statementTimeoutMs, observer };
  const wakeUps = new WakeUps();
  const db = await openDatabase({
    ...storeOptions,
    observer: { ...observer, onUserWrite: (userId) => wakeUps.wake(userId) },
    cursorKey: createHmac('sha256', secret).update('cursors').digest('hex'),
    replicaUrl: settings.replicaUrl,
    replicaMaxLagMs: settings.replicaMaxLagMs,
    poolMax: settings.poolMax,
  });
  shutdown.add({ name: 'database', limitMs: 3000, close: () => db.close() });
  telemetry.metrics.observePool(() => db.poolState());
  if (db.hasReplica) telemetry.metrics.observeReplica(() => db.replicaLagMs());

  const store = openAuthStore(storeOptions);
  shutdown.add({ name: 'auth store', limitMs: 3000, close: () => store.close() });

  const isShared = settings.rateLimitStore === 'postgresql';
  const rateLimitStore = isShared ? openRateLimitStore({ url: databaseUrl, observer }) : null;
  if (rateLimitStore) shutdown.add({ name: 'rate limit store', limitMs: 3000, close: () => rateLimitStore.close() });
  const createLimiter = createLimiters(rateLimitStore);
  const createAuth = await loadAuth(settings, { store, secret, logger });

  // The built-in sign-in sends the mails.
  const mailer = settings.externalIssuer ? null : await openMailer({ ...settings, logger });
  if (mailer) shutdown.add({ name: 'mail', limitMs: 5000, close: () => mailer.close() });

  const isInUse = () => db.poolState().total > 0;
  const maintenance = startMaintenance({
    url: databaseUrl,
    trashDays: settings.trashDays,
    logger,
    metrics: telemetry.metrics,
    observer,
    isInUse,
  });
  shutdown.add({ name: 'maintenance', limitMs: 3000, close: () => maintenance.close() });

  // Closed first, since running requests need the resources above.
  const { server, url } = await listen(settings);
  const connections = trackConnections(server, {
    max: settings.connectionsMax,
    // Behind a proxy, all connections have the proxy's address.
    perAddressMax: settings.trustProxy === 0 ? connectionsPerAddressMax : undefined,
    onRefused: () => telemetry.metrics.recordRefusedConnection(),
    onStalled: (response) => {
      if (isStream(response)) telemetry.metrics.recordDroppedStream();
    },
  });
  shutdown.add({ name: 'server', limitMs: 11_000, close: () => connections.close(10_000) });
  handleBadRequest(server, connections, logger);

  const { publicUrl = url, trustProxy, trustedOrigins, requestTimeoutMs } = settings;
  const aliases = settings.publicUrl === undefined ? toLoopbackAliases(url) : [];
  const auth = createAuth({
    store,
    publicUrl,
    secret,
    trustedOrigins: [...trustedOrigins, ...aliases],
    createLimiter,
    sessionDays: settings.sessionDays,
    providers: settings.providers,
    mailer,
  });
  const streams = createStreams({
    db,
    endedAccess: auth.endedAccess,
    wakeUps,
    logger,
    metrics: telemetry.metrics,
    max: Math.floor(settings.connectionsMax * streamShare),
    readsMax: Math.ceil(settings.poolMax / 2),
    readLimitMs: requestTimeoutMs,
    pollMs: settings.livePollMs,
  });
  // Before the server, which waits for open responses.
  shutdown.add({ name: 'streams', limitMs: 1000, close: async () => streams.close() });
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
      telemetry,
      metricsToken: settings.metricsToken,
      limitCalls: createCallLimit(createLimiter, settings.rateLimitPerMinute),
      limitCalendar: createCalendarLimit(createLimiter, settings.rateLimitPerMinute),
      streams,
      webApp,
      isStopping: () => shutdown.isStopping(),
    }),
  );
  return url;
}

interface LoadAuthOptions {
  store: AuthStore;
  secret: string;
  logger: Logger;
}

/**
 * Asserts that the database fits the issuer and the secret. Loads the sign-in code only if it is used, since it takes a tenth
 * of the process's memory.
 */
async function loadAuth(
  { externalIssuer }: Settings,
  { store, secret, logger }: LoadAuthOptions,
): Promise<(options: SignInOptions) => Auth> {
  if (externalIssuer) {
    const subjects = await openIssuer(store, externalIssuer);
    if (subjects === 'mixed') logger.warn('some user IDs are UUIDs of the issuer: set AUTH_ISSUER_USES_UUIDS');
    return () => createExternalAuth({ ...externalIssuer, subjects, store });
  }
  await openIssuer(store, builtInIssuer);
  const [{ createBuiltInAuth }, { assertSecret }] = await Promise.all([
    import('./auth/built-in-auth.ts'),
    import('./auth/signing-key.ts'),
  ]);
  await assertSecret(store, secret);
  return createBuiltInAuth;
}

/** For a loopback address, the other origins that a browser on this machine can use. */
function toLoopbackAliases(url: string): string[] {
  const { hostname, port } = new URL(url);
  const isLoopback = /^(localhost|127(\.\d+){3}|\[::1\])$/.test(hostname);
  return isLoopback ? ['localhost', '127.0.0.1'].map((host) => toHttpUrl(host, Number(port || 80))) : [];
}
