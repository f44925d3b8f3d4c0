import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import type { Cleanup } from './cleanup.ts';

/** The folder of Node's compiled code, as in the start script. */
export const compileCache = fileURLToPath(new URL('../../../node_modules/.cache/node', import.meta.url));

/** A process that does one job for the section. */
export interface Child<Result> {
  pid: number;
  /** @throws Error if the process ends without a result. */
  result: Promise<Result>;
  /** Asks for the result now. */
  stop(): void;
}

/** Starts a program of a section and sends it its job. */
export function startChild<Result>(program: URL, job: object, cleanup: Cleanup): Child<Result> {
  const child = fork(fileURLToPath(program), { serialization: 'advanced' });
  cleanup.add(() => void child.kill('SIGKILL'));
  child.send(job);
  const result = receive<Result>(child);
  // Until a caller awaits it.
  result.catch(() => {});
  return { pid: child.pid!, result, stop: () => child.connected && child.send('stop') };
}

async function receive<Result>(child: ChildProcess): Promise<Result> {
  const received = new AbortController();
  try {
    const [message] = await Promise.race([
      once(child, 'message', received),
      once(child, 'exit', received).then(() => {
        throw new Error('A process of the benchmark exited without a result.');
      }),
    ]);
    return message as Result;
  } finally {
    received.abort();
    child.kill('SIGKILL');
  }
}

/** For the program: the job, and a signal that aborts if the result is wanted now. */
export async function receiveJob(): Promise<{ job: unknown; stopped: AbortSignal }> {
  const stopping = new AbortController();
  process.on('disconnect', () => process.exit());
  // Ctrl-C signals every process of the terminal. The main process ends this one in its cleanup.
  process.on('SIGINT', () => {});
  const [job] = (await once(process, 'message')) as [unknown];
  process.on('message', () => stopping.abort());
  return { job, stopped: stopping.signal };
}
