import type { Serializable } from 'node:child_process';
import cluster, { type Worker } from 'node:cluster';
import { protocol, type StartMessage, type ToMain, type ToWorker } from '../peers/messages.ts';
import { StartError } from '../start-error.ts';
import type { Hub } from './hub.ts';

export interface Ready {
  url: string;
  webAppProblem: string | null;
}

/** A process that serves requests. */
export interface WorkerProcess {
  /** Unlike the number of its place, it differs for each process. */
  readonly id: number;
  readonly pid: number | undefined;
  /** Rejects with a StartError if the process ends before it serves. */
  readonly ready: Promise<Ready>;
  readonly isEnded: boolean;
  /** Resolves with the exit code or the signal. */
  readonly ended: Promise<number | string>;
  /** Completes the open requests and ends. @param isReplaced Whether another worker serves in its place. */
  stop(isReplaced: boolean): void;
  kill(): void;
  /** Closes the connection that the process was given and has not taken, if there is one. */
  closeUntaken(): void;
}

/** A worker that has not served after so many milliseconds has failed. */
const startLimitMs = 120_000;

/** Starts a process that joins the hub as soon as it can answer. */
export function forkWorker(hub: Hub, start: Omit<StartMessage, 'kind'>): WorkerProcess {
  const worker = cluster.fork();
  const closeUntaken = rememberUntaken(worker);
  const { promise: ready, resolve, reject } = Promise.withResolvers<Ready>();
  // Without an owner of the promise, a failure must not end the main process.
  ready.catch(() => {});
  const fail = (reason: string) => reject(new StartError(reason));
  const send = (message: ToWorker) => sendTo(worker, message);
  const timer = setTimeout(() => {
    fail(`Worker ${start.number} does not start in time. Look at its log.`);
    worker.process.kill('SIGKILL');
  }, startLimitMs);
  let isEnded = false;

  worker.on('message', (message: ToMain) => {
    if (message.kind === 'hello') {
      if (message.protocol !== protocol) return fail('The main process has another version. Restart the server.');
      hub.add(worker.id, send);
      send({ kind: 'start', ...start });
    } else if (message.kind === 'ready') {
      clearTimeout(timer);
      resolve(message);
    } else if (message.kind === 'failed') fail(message.reason);
    else hub.receive(worker.id, message);
  });
  const { promise: ended, resolve: resolveEnded } = Promise.withResolvers<number | string>();
  const end = (exit: number | string) => {
    isEnded = true;
    clearTimeout(timer);
    hub.remove(worker.id);
    if (exit !== 0) closeUntaken();
    fail(`Worker ${start.number} ended before it was ready (${exit}). Look at its log.`);
    resolveEnded(exit);
  };
  worker.once('exit', (code: number | null, signal: string | null) => end(signal ?? code ?? 1));
  worker.on('error', ({ message }) => {
    fail(`Worker ${start.number} cannot be started (${message}).`);
    // A process that cannot be started never exits.
    if (worker.process.pid === undefined) end(1);
  });

  return {
    id: worker.id,
    pid: worker.process.pid,
    ready,
    ended,
    get isEnded() {
      return isEnded;
    },
    stop: (isReplaced) => send({ kind: 'stop', isReplaced }),
    kill: () => void worker.process.kill('SIGKILL'),
    closeUntaken,
  };
}

/**
 * Node gives a worker one connection at a time. If the worker is killed before it takes the connection, or if the last worker
 * refuses it while the server stops, Node keeps it open, and its client would wait without end.
 *
 * @returns a function that closes such a connection. It has no effect on a connection that was taken.
 */
function rememberUntaken({ process: child }: Worker): () => void {
  const send = child.send.bind(child) as (message: Serializable, ...rest: unknown[]) => boolean;
  let last: { close(): void } | undefined;
  child.send = (message: Serializable, ...rest: unknown[]) => {
    const [handle] = rest;
    if (typeof handle === 'object' && handle !== null) last = handle as { close(): void };
    return send(message, ...rest);
  };
  return () => last?.close();
}

/** A message to a process that has just ended is lost. */
function sendTo(worker: Worker, message: ToWorker): void {
  if (worker.isConnected()) worker.send(message, () => {});
}
