import type { Logger } from 'pino';
import type { Ready, WorkerProcess } from './worker-process.ts';

export interface SupervisorOptions {
  workers: number;
  logger: Logger;
  /** Starts a process for a place. */
  fork: (number: number) => WorkerProcess;
  /** A process has ended, for whatever reason. */
  onEnded: (worker: WorkerProcess) => void;
}

/** Starts the workers, and replaces those that end. */
export interface Supervisor {
  /** Resolves when all workers serve. @throws StartError if one cannot start. */
  start(): Promise<Ready>;
  /** Replaces all workers, one after the other. Never rejects. */
  restart(): Promise<void>;
  /** Stops all workers, and waits until they have ended. */
  stop(): Promise<void>;
  /** Ends all workers at once. */
  kill(): void;
}

interface Place {
  readonly number: number;
  worker: WorkerProcess | null;
  /** Ends in a row, without a minute of service between them. */
  ends: number;
  timer: NodeJS.Timeout | undefined;
}

/** Before the first of several replacements, and at most, in milliseconds. Each one waits twice as long as the one before. */
const [delayMs, delayMaxMs] = [100, 30_000];

/** While the server stops, connections that no worker takes any more are closed this often, in milliseconds. */
const closeMs = 100;

/** A worker that has served for so long was healthy, in milliseconds. */
const healthyMs = 60_000;

export function createSupervisor({ workers, logger, fork, onEnded }: SupervisorOptions): Supervisor {
  const places = Array.from({ length: workers }, (_, at): Place => {
    return { number: at + 1, worker: null, ends: 0, timer: undefined };
  });
  /** Including those that end. */
  const processes = new Set<WorkerProcess>();
  let [isServing, isStopping, isRestarting] = [false, false, false];

  /** Starts a process that serves in the place as soon as it is ready. */
  function begin(place: Place): WorkerProcess {
    const worker = fork(place.number);
    processes.add(worker);
    void watch(place, worker);
    return worker;
  }

  async function watch(place: Place, worker: WorkerProcess): Promise<void> {
    const startedAt = performance.now();
    const exit = await worker.ended;
    processes.delete(worker);
    onEnded(worker);
    if (place.worker !== worker) return;
    place.worker = null;
    if (!isServing || isStopping) return;
    if (performance.now() - startedAt > healthyMs) place.ends = 0;
    logger.error({ worker: place.number, workerPid: worker.pid, exit }, 'worker ended');
    replaceLater(place);
  }

  function replaceLater(place: Place): void {
    const waitMs = Math.min(delayMs * 2 ** place.ends, delayMaxMs);
    place.ends += 1;
    logger.info({ worker: place.number, waitMs }, 'worker will be replaced');
    place.timer = setTimeout(() => {
      place.timer = undefined;
      const worker = beginIn(place);
      worker.ready.then(
        () => logger.info({ worker: place.number, workerPid: worker.pid }, 'worker replaced'),
        ({ message }: Error) => logger.error({ worker: place.number, reason: message }, 'worker not replaced'),
      );
    }, waitMs);
  }

  function beginIn(place: Place): WorkerProcess {
    return (place.worker = begin(place));
  }

  /** The old worker serves until the new one does. Returns whether the new one serves. */
  async function replace(place: Place): Promise<boolean> {
    const fresh = begin(place);
    try {
      await fresh.ready;
    } catch (error) {
      const { message: reason } = error as Error;
      logger.error({ worker: place.number, reason }, 'rolling restart ended: a new worker cannot start');
      return false;
    }
    clearTimeout(place.timer);
    place.timer = undefined;
    const old = place.worker;
    place.worker = fresh;
    place.ends = 0;
    logger.info({ worker: place.number, workerPid: fresh.pid }, 'worker replaced');
    // A crash in this moment was not noticed, since the place had another worker.
    if (fresh.isEnded) {
      place.worker = null;
      replaceLater(place);
    }
    old?.stop(true);
    await old?.ended;
    return true;
  }

  async function replaceAll(): Promise<void> {
    for (const place of places) {
      if (isStopping || !(await replace(place))) return;
    }
    logger.info('rolling restart done');
  }

  return {
    async start() {
      // The first one finds what is wrong with the settings or the database, so that it is reported once.
      const ready = await beginIn(places[0]!).ready;
      await Promise.all(places.slice(1).map((place) => beginIn(place).ready));
      isServing = true;
      return ready;
    },
    async restart() {
      if (isRestarting) return logger.warn('a rolling restart is running already');
      if (!isServing || isStopping) return logger.warn('no rolling restart: the server is starting or stopping');
      isRestarting = true;
      logger.info('rolling restart');
      await replaceAll();
      isRestarting = false;
    },
    async stop() {
      isStopping = true;
      for (const { timer } of places) clearTimeout(timer);
      for (const worker of processes) worker.stop(false);
      const closing = setInterval(() => {
        for (const worker of processes) worker.closeUntaken();
      }, closeMs);
      await Promise.all([...processes].map(({ ended }) => ended));
      clearInterval(closing);
    },
    kill() {
      for (const worker of processes) worker.kill();
    },
  };
}
