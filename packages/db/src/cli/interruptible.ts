import process from 'node:process';
import { BackupError } from '../backup/error.ts';
import { standardStream } from '../backup/file.ts';
import type { OnProgress } from '../backup/progress.ts';
import { createProgressLine } from './progress-line.ts';

export interface JobOptions {
  readonly signal: AbortSignal;
  readonly onProgress: OnProgress;
}

export interface Job extends JobOptions {
  /** Prints the result: to standard error if `file` is standard output, which then carries the backup. */
  print(text: string, file?: string): void;
}

/** Even after an interruption, these errors need action from the operator. */
const reportedCodes = /^(?:OUTCOME_UNKNOWN|SCRATCH_LEFT)$/;

const exitCodes = { SIGINT: 130, SIGTERM: 143, SIGHUP: 129 } as const;

/** Runs work that cleans up when a signal of the system interrupts it. A second signal ends the process at once. */
export async function runInterruptible(work: (job: Job) => Promise<void>): Promise<void> {
  const interruption = new AbortController();
  const { signal } = interruption;
  const line = createProgressLine(process.stderr);
  let interruptedWith = 0;
  const handlers = Object.entries(exitCodes).map(([name, exitCode]) => {
    const handler = () => {
      if (signal.aborted) process.exit(exitCode);
      interruptedWith = exitCode;
      interruption.abort();
    };
    process.on(name, handler);
    return () => process.off(name, handler);
  });
  const print = (text: string, file?: string) => {
    line.clear();
    // Unlike a stream, the console ignores a closed pipe.
    (file === standardStream ? console.error : console.log)(text);
  };
  try {
    await work({ signal, onProgress: line.show, print });
  } catch (error) {
    line.clear();
    if (!signal.aborted || (error instanceof BackupError && reportedCodes.test(error.code))) throw error;
    process.exitCode = interruptedWith;
    console.error('Interrupted. No partial result was left behind.');
  } finally {
    for (const remove of handlers) remove();
  }
}
