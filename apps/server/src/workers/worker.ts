import type { Logger } from 'pino';
import type { Settings } from '../env.ts';
import { protocol, type StartMessage, type ToMain, type ToWorker } from '../peers/messages.ts';
import { createPeers } from '../peers/peers.ts';
import { serve } from '../serve.ts';
import { openLog, type Shutdown } from '../shutdown.ts';
import { describeStartFailure } from '../start-error.ts';
import { openWebApp } from '../web/app.ts';
import { createRecordFailure } from './record-failure.ts';

/**
 * Workers write to the same pipe. The operating system does not mix lines of different processes in writes of at most 4096
 * bytes.
 */
const logOptions = { minLength: 3072, maxWrite: 4096, periodicFlush: 200 };

/** If the whole server stops while this worker is being replaced, it has this time, in milliseconds. */
const stopLimitMs = 11_000;

/** Serves as one of several workers, until the main process stops it. */
export async function work(settings: Settings): Promise<void> {
  // Terminals and service managers also send signals to workers. Only the main process decides.
  for (const signal of ['SIGTERM', 'SIGINT', 'SIGHUP', 'SIGUSR2'] as const) process.on(signal, () => {});
  let logger: Logger | undefined;
  const peers = createPeers({
    send: (message) => void send(message),
    recordFailure: createRecordFailure(() => logger),
  });
  const stopped = Promise.withResolvers<boolean>();
  const started = Promise.withResolvers<StartMessage>();
  let shutdown: Shutdown | undefined;
  process.on('message', (message: ToWorker) => {
    if (message.kind === 'start') started.resolve(message);
    else if (message.kind === 'stop') {
      if (!message.isReplaced && shutdown?.isStopping()) setTimeout(() => process.exit(1), stopLimitMs);
      stopped.resolve(message.isReplaced);
    } else peers.receive(message);
  });
  void send({ kind: 'hello', protocol });
  const { number, workers, databaseUrl, secret } = await started.promise;

  const log = openLog({ level: settings.logLevel, output: logOptions, worker: number });
  ({ logger } = log);
  shutdown = log.shutdown;
  try {
    const webApp = await openWebApp({ isOn: settings.webApp, isIssuerExternal: settings.externalIssuer !== undefined });
    const place = { number, workers, peers };
    const url = await serve({ settings, databaseUrl, secret, logger, shutdown, webApp, place });
    void send({ kind: 'ready', url, webAppProblem: webApp.problem });
  } catch (error) {
    await send({ kind: 'failed', reason: describeStartFailure(error) });
    await shutdown.close();
    process.exit(1);
  }
  const isReplaced = await stopped.promise;
  await shutdown.close(isReplaced ? 'replaced' : 'stopped');
  process.exit(0);
}

/** Resolves when the message is on its way. Without a main process, this process is about to end. */
function send(message: ToMain): Promise<void> {
  return new Promise((resolve) => {
    if (process.connected) process.send!(message, undefined, undefined, () => resolve());
    else resolve();
  });
}
