import { migrate } from '@holdfast/db';
import { openEmbeddedPostgres } from '@holdfast/embedded-postgres';
import { destination, type Logger } from 'pino';
import { parseEnv, type Settings } from './env.ts';
import { onLauncherExit } from './launcher.ts';
import { removeLibraryVariables } from './library-env.ts';
import { openSecret } from './secret.ts';
import { serve } from './serve.ts';
import { createShutdown, shutDownOnSignals } from './shutdown.ts';
import { describeStartFailure } from './start-error.ts';
import { createLogger } from './telemetry/logger.ts';
import { openWebApp } from './web/app.ts';
import { buildWebApp } from './web/build.ts';
import { welcome } from './welcome.ts';

/** Buffers log lines, since each write is expensive. A line waits at most `periodicFlush` milliseconds. */
const logOptions = { minLength: 4096, periodicFlush: 200 };

try {
  removeLibraryVariables(process.env);
  await start(parseEnv(process.env));
} catch (error) {
  console.error(describeStartFailure(error));
  process.exitCode = 1;
}

async function start(settings: Settings): Promise<void> {
  const output = destination(logOptions);
  // At exit, pino would retry without end to write to a closed pipe. The shutdown below flushes the log instead.
  output.flushSync = () => {};
  const logger = createLogger(settings.logLevel, output);
  const shutdown = createShutdown(logger);
  // The reader of the log can be slow or gone. After this limit, the remaining lines are lost.
  shutdown.add({ name: 'log', limitMs: 1000, close: () => flush(logger) });
  shutDownOnSignals(shutdown, logger);
  onLauncherExit(process.env, () => process.kill(process.pid, 'SIGTERM'));
  const stopping = new AbortController();
  shutdown.add({ name: 'build of the web app', limitMs: 1000, close: async () => stopping.abort() });
  // In parallel with the start of the database.
  const building = needsBuild(settings) ? buildWebApp(stopping.signal) : null;
  try {
    const secret = settings.secret ?? (await openSecret(settings.dataDir));
    const databaseUrl = settings.databaseUrl ?? (await openEmbedded());
    await migrate({ url: settings.ownerUrl ?? databaseUrl });
    await building;
    const webApp = await openWebApp({ isOn: settings.webApp, isIssuerExternal: settings.externalIssuer !== undefined });
    const url = await serve({ settings, databaseUrl, secret, logger, shutdown, webApp });
    welcome(url, { settings, logger, webApp });
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

/** `pnpm start` passes this option. Images contain a built app and no build tools. */
function needsBuild({ webApp, externalIssuer }: Settings): boolean {
  return process.argv.includes('--build') && webApp && !externalIssuer;
}

/** The first flush ends with the write in progress. The second one writes the lines that were added since. */
async function flush(logger: Logger): Promise<void> {
  for (let turn = 1; turn <= 2; turn += 1) await new Promise((resolve) => logger.flush(resolve));
}
