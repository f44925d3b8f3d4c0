import cluster from 'node:cluster';
import { migrate } from '@holdfast/db';
import { openEmbeddedPostgres } from '@holdfast/embedded-postgres';
import { parseEnv, type Settings } from './env.ts';
import { onLauncherExit } from './launcher.ts';
import { removeLibraryVariables } from './library-env.ts';
import { openSecret } from './secret.ts';
import { openLog, shutDownOnSignals } from './shutdown.ts';
import { describeStartFailure } from './start-error.ts';
import { openWebApp } from './web/app.ts';
import { buildWebApp } from './web/build.ts';
import { welcome } from './welcome.ts';
import { countWorkers } from './workers/count.ts';

/** A line waits at most `periodicFlush` milliseconds. */
const logOptions = { minLength: 4096, periodicFlush: 200 };

try {
  removeLibraryVariables(process.env);
  const settings = parseEnv(process.env);
  if (cluster.isWorker) {
    const { work } = await import('./workers/worker.ts');
    await work(settings);
  } else await start(settings);
} catch (error) {
  console.error(describeStartFailure(error));
  process.exitCode = 1;
}

async function start(settings: Settings): Promise<void> {
  const workers = countWorkers(settings);
  const { logger, shutdown } = openLog({ level: settings.logLevel, output: logOptions });
  shutDownOnSignals(shutdown, logger);
  onLauncherExit(process.env, () => process.kill(process.pid, 'SIGTERM'));
  const stopping = new AbortController();
  shutdown.add({ name: 'build of the web app', limitMs: 1000, close: async () => stopping.abort() });
  // In parallel with the start of the database.
  const building = needsBuild(settings) ? buildWebApp(stopping.signal) : null;
  let restart = () =>
    logger.warn(`no rolling restart: ${workers > 1 ? 'the server is starting' : 'set WORKERS to 2 or more'}`);
  // Without a listener, the signal would end the process.
  process.on('SIGUSR2', () => restart());
  try {
    const secret = settings.secret ?? (await openSecret(settings.dataDir));
    const databaseUrl = settings.databaseUrl ?? (await openEmbedded());
    await migrate({ url: settings.ownerUrl ?? databaseUrl });
    await building;
    const common = { databaseUrl, secret, logger, shutdown };
    if (workers > 1) {
      const { serveWithWorkers } = await import('./workers/main-process.ts');
      const server = await serveWithWorkers({ workers, ...common });
      restart = server.restart;
      return welcome(server.url, { settings, logger, webAppProblem: server.webAppProblem });
    }
    // The main process of several workers does not load it.
    const { serve } = await import('./serve.ts');
    const webApp = await openWebApp({ isOn: settings.webApp, isIssuerExternal: settings.externalIssuer !== undefined });
    const url = await serve({ settings, ...common, webApp });
    welcome(url, { settings, logger, webAppProblem: webApp.problem });
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
