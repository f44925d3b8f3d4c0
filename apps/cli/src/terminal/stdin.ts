import { addAbortSignal } from 'node:stream';
import { buffer } from 'node:stream/consumers';
import { CliError, exitCodes } from '../errors.ts';
import { decodeUtf8 } from './utf8.ts';

/** Reads stdin to its end. @throws CliError USAGE if it is not UTF-8. */
export async function readStdin(signal: AbortSignal): Promise<string> {
  return decodeUtf8(await readBytes(signal), 'The input');
}

/** Reads a password from stdin, without the line break at its end. @throws CliError USAGE if it is not UTF-8. */
export async function readPassword(signal: AbortSignal): Promise<string> {
  return (await readStdin(signal)).replace(/\r?\n$/, '');
}

/** Reads stdin to its end. */
export async function readBytes(signal: AbortSignal): Promise<Uint8Array> {
  try {
    return await buffer(addAbortSignal(signal, process.stdin));
  } catch (cause) {
    if (!signal.aborted) throw cause;
    throw new CliError('CANCELLED', 'Cancelled. Nothing changed.', { exitCode: exitCodes.interrupted, cause });
  }
}
