import { createHmac } from 'node:crypto';
import type { ServerResponse } from 'node:http';
import { type AuthStore, type Database, openAuthStore, openDatabase, openRateLimitStore } from '@holdfast/db';
import type { Request } from 'express';
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
import type { Peers } from './peers/peers.ts';
import { createToShare, type Place, type StopReason, toExactShare } from './peers/place.ts';
import { SharedCounts } from './peers/shared-counts.ts';
import { createCallLimits, createLimiters } from './rate-limit.ts';
import { toHttpUrl } from './request/http-url.ts';
import { connectionsPerAddressMax } from './request/limits.ts';
import { isStreamTarget } from './request/routes.ts';
import type { Shutdown } from './shutdown.ts';
import { StartError } from './start-error.ts';
import type { Metrics } from './telemetry/metrics.ts';
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
  /** Default: this process is the whole server. */
  place?: Place;
}

/** Connections for sign-in, and for rate limits in the database. A sign-up occupies one, and leaves one to others. */
const toStorePoolMax = (place: Place | undefined) => (place === undefined ? 3 : 2);

/** Streams take at most this share of the connections, so that calls find one too. */
const streamShare = 0.8;

function isStream(response: ServerResponse | null): boolean {
  const { originalUrl = '' } = (response?.req ?? {}) as Partial<Request>;
  return response?.statusCode === 200 && isStreamTarget(originalUrl);
}

/** Opens the database and serves the API. Returns the server's URL. */
export async function serve({
  settings,
  databaseUrl,
  secret,
  logger,
  shutdown,
  webApp = notBuilt,
  place,
}: ServeOptions): Promise<string> {
  const peers = place?.peers ?? null;
  const toShare = createToShare(place?.workers);
  const storePoolMax = toStorePoolMax(place);
  // Closed last, to send the spans of the shutdown as well.
  const tracing = await openTracing(settings.tracing, logger);
  if (tracing) shutdown.add({ name: 'tracing', limitMs: 3000, close: () => tracing.close() });
  const telemetry = createTelemetry({ logger, slowQueryMs: settings.slowQueryMs, tracing });
  const { observer, metrics } = telemetry;
  const readMetrics = peers === null ? metrics.read : shareMetrics(metrics, { peers, shutdown });

  const poolMax = toExactShare(settings.poolMax, place);
  const { poolWaitMs, connectTimeoutMs, statementTimeoutMs } = settings;
  const storeOptions = { url: databaseUrl, poolWaitMs, connectTimeoutMs, statementTimeoutMs, observer };
  const wakeUps = new WakeUps(peers);
  const db = await openDatabase({
    ...storeOptions,
    observer: { ...observer, onUserWrite: (userId) => wakeUps.wake(userId) },
    cursorKey: createHmac('sha256', secret).update('cursors').digest('hex'),
    replicaUrl: settings.replicaUrl,
    replicaMaxLagMs: settings.replicaMaxLagMs,
    poolMax,
  });
  shutdown.add({ name: 'database', limitMs: 3000, close: () => db.close() });
  metrics.observePool(() => db.poolState());
  if (db.hasReplica) metrics.observeReplica(() => db.replicaLagMs());

  const store = openAuthStore({ ...storeOptions, poolMax: storePoolMax });
  shutdown.add({ name: 'auth store', limitMs: 3000, close: () => store.close() });

  const isShared = settings.rateLimitStore === 'postgresql';
  const rateLimitStore = isShared ? openRateLimitStore({ url: databaseUrl, poolMax: storePoolMax, observer }) : null;
  if (rateLimitStore) shutdown.add({ name: 'rate limit store', limitMs: 3000, close: () => rateLimitStore.close() });
  const createLimiter = createLimiters(rateLimitStore, place);
  const createAuth = await loadAuth(settings, { store, secret, logger });
  await assertMigrated(db, place);

  // The built-in sign-in sends the mails.
  const mailer = settings.externalIssuer ? null : await openMailer({ ...settings, logger, toShare });
  if (mailer) shutdown.add({ name: 'mail', limitMs: 5000, close: () => mailer.close() });

  const isInUse = () => db.poolState().total > 0;
  if (place === undefined || place.number === 1) {
    const { trashDays } = settings;
    const maintenance = startMaintenance({ url: databaseUrl, trashDays, logger, metrics, observer, isInUse });
    shutdown.add({ name: 'maintenance', limitMs: 3000, close: () => maintenance.close() });
  }

  const connectionCounts = new SharedCounts({ peers, topic: 'connections', delayMs: 5 });
  await Promise.all([connectionCounts.load(), wakeUps.load()]);

  // Closed first, since running requests need the resources above.
  const { server, url, prototypes } = await listen(settings);
  const connections = trackConnections(server, {
    max: settings.connectionsMax,
    counts: connectionCounts,
    toShare,
    // Behind a proxy, all connections have the proxy's address.
    perAddressMax: settings.trustProxy === 0 ? connectionsPerAddressMax : undefined,
    onRefused: () => metrics.recordRefusedConnection(),
    onStalled: (response) => {
      if (isStream(response)) metrics.recordDroppedStream();
    },
  });
  // In place of a worker that is replaced, others serve meanwhile.
  const toDrain = (reason: StopReason) =>
    reason === 'replaced'
      ? { graceMs: 5000, deadlineMs: settings.requestTimeoutMs + 5000 }
      : { graceMs: 1000, deadlineMs: 10_000 };
  shutdown.add({
    name: 'server',
    limitMs: (reason) => toDrain(reason).deadlineMs + 1000,
    close: (reason) => connections.close(toDrain(reason)),
  });
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
    confirmsSignUps: settings.confirmsSignUps,
    peers,
    toShare,
  });
  const streams = createStreams({
    db,
    endedAccess: auth.endedAccess,
    wakeUps,
    logger,
    metrics,
    max: Math.floor(settings.connectionsMax * streamShare),
    readsMax: Math.ceil(poolMax / 2),
    readLimitMs: requestTimeoutMs,
    pollMs: settings.livePollMs,
  });
  // Before the server, which waits for open responses.
  shutdown.add({ name: 'streams', limitMs: 1000, close: async (reason) => streams.close(reason) });
  server.on(
    'request',
    createApp({
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
      metricsToken: settings.metricsToken,
      ...createCallLimits(createLimiter, settings.rateLimitPerMinute),
      streams,
      webApp,
      toShare,
      // Other workers serve in place of one that is replaced.
      isStopping: () => shutdown.reason() === 'stopped',
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
    return ({ peers }) => createExternalAuth({ ...externalIssuer, subjects, store, peers });
  }
  await openIssuer(store, builtInIssuer);
  const [{ createBuiltInAuth }, { assertSecret }] = await Promise.all([
    import('./auth/built-in-auth.ts'),
    import('./auth/signing-key.ts'),
  ]);
  await assertSecret(store, secret);
  return createBuiltInAuth;
}

/**
 * A new worker of a rolling restart can be of a newer version than the database, which the main process has migrated at its start.
 *
 * @throws StartError
 */
async function assertMigrated(db: Database, place: Place | undefined): Promise<void> {
  const pending = place === undefined ? [] : await db.pendingMigrations();
  if (pending.length === 0) return;
  throw new StartError(`Migrations are missing: ${pending.join(', ')}. Run \`pnpm db migrate\`.`);
}

/** Returns a function that reads the metrics of all workers. */
function shareMetrics(metrics: Metrics, { peers, shutdown }: { peers: Peers; shutdown: Shutdown }) {
  peers.on('metrics', metrics.toJson);
  const sendLast = async () => peers.askMain('last metrics', await metrics.toJson());
  shutdown.add({ name: 'metrics', limitMs: 500, close: sendLast });
  return async () => String(await peers.askMain('read metrics', null));
}

/** For a loopback address, the other origins that a browser on this machine can use. */
function toLoopbackAliases(url: string): string[] {
  const { hostname, port } = new URL(url);
  const isLoopback = /^(localhost|127(\.\d+){3}|\[::1\])$/.test(hostname);
  return isLoopback ? ['localhost', '127.0.0.1'].map((host) => toHttpUrl(host, Number(port || 80))) : [];
}
