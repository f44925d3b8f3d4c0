import { migrate } from '@holdfast/db';
import { openEmbeddedPostgres } from '@holdfast/embedded-postgres';
import { destination, type Logger, pino } from 'pino';
import { parseEnv, type Settings } from './env.ts';
import { openSecret } from './secret.ts';
import { serve } from './serve.ts';
import { createShutdown, endOnSignals } from './shutdown.ts';
import { describeStartFailure } from './start-error.ts';
import { welcome } from './welcome.ts';

/** Lines are written together, since a write costs more than the line in it; none waits for longer than `periodicFlush`. */
const logOptions = { minLength: 4096, periodicFlush: 200 };

try {
  await start(parseEnv(process.env));
} catch (error) {
  console.error(describeStartFailure(error));
  process.exitCode = 1;
}

async function start(settings: Settings): Promise<void> {
  const lines = destination(logOptions);
  // It would try for ever to write to somebody who is gone, and the process never end; the orderly end flushes by itself.
  lines.flushSync = () => {};
  const logger = pino({ level: settings.logLevel }, lines);
  const shutdown = createShutdown(logger);
  // What is not written by then is lost: whoever reads the log may be gone, or slow.
  shutdown.add({ name: 'log', limitMs: 1000, close: () => flush(logger) });
  endOnSignals(shutdown, logger);
  try {
    const secret = settings.secret ?? (await openSecret(settings.dataDir));
    const databaseUrl = settings.databaseUrl ?? (await openEmbedded());
    await migrate({ url: settings.ownerUrl ?? databaseUrl });
    welcome(await serve({ settings, databaseUrl, secret, logger, shutdown }), settings, logger);
  } catch (error) {
    await shutdown.close();
    throw error;
  }

  async function openEmbedded(): Promise<string> {
    const server = await openEmbeddedPostgres({
      dataDir: settings.dataDir,
      onEvent: ({ kind, message }) => logger.warn({ kind }, message),
    });
    shutdown.add({ name: 'embedded PostgreSQL', limitMs: 10_000, close: () => server.stop() });
    return server.url;
  }
}

/** A write that is under way answers the first flush; what was logged meanwhile goes with the second. */
async function flush(logger: Logger): Promise<void> {
  for (let turn = 1; turn <= 2; turn += 1) await new Promise((resolve) => logger.flush(resolve));
}
