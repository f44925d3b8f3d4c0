import { addAbortSignal } from 'node:stream';
import { text } from 'node:stream/consumers';
import { CliError, exitCodes } from '../errors.ts';

/** Reads stdin to its end. */
export async function readStdin(signal: AbortSignal): Promise<string> {
  try {
    return await text(addAbortSignal(signal, process.stdin));
  } catch (cause) {
    if (!signal.aborted) throw cause;
    throw new CliError('CANCELLED', 'Cancelled. Nothing changed.', { exitCode: exitCodes.interrupted, cause });
  }
}
