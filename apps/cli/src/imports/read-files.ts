import { readFile } from 'node:fs/promises';
import { basename } from 'node:path';
import type { ImportFile } from '@holdfast/imports';
import { CliError } from '../errors.ts';
import { readBytes } from '../terminal/stdin.ts';

interface ReadOptions {
  /** A name such as `windows-1252`. Default: UTF-8, or UTF-16 for a file that begins with its mark. */
  encoding: string | undefined;
  signal: AbortSignal;
}

/** Reads a file, or stdin if the path is `-`. @throws CliError FILE_FAILED, USAGE */
export async function readTextFile(path: string, { encoding, signal }: ReadOptions): Promise<ImportFile> {
  const name = path === '-' ? 'stdin' : basename(path);
  const bytes = path === '-' ? await readBytes(signal) : await readPath(path, signal);
  const isUtf16 = bytes[0] === 0xff && bytes[1] === 0xfe;
  const decoder = createDecoder(encoding ?? (isUtf16 ? 'utf-16le' : 'utf-8'));
  try {
    return { name: path === '-' ? '-' : name, text: decoder.decode(bytes) };
  } catch (cause) {
    const message = `${name} is not valid ${decoder.encoding.toUpperCase()}. Name its encoding, such as --encoding windows-1252.`;
    throw new CliError('USAGE', message, { cause });
  }
}

async function readPath(path: string, signal: AbortSignal): Promise<Uint8Array> {
  try {
    return await readFile(path, { signal });
  } catch (cause) {
    if (signal.aborted) throw cause;
    const { code } = cause as NodeJS.ErrnoException;
    throw new CliError('FILE_FAILED', `Cannot read ${path} (${code}). Check the path.`, { cause, more: { path } });
  }
}

/** A lenient decoder would replace wrong bytes and so change the text. */
function createDecoder(encoding: string) {
  try {
    return new TextDecoder(encoding, { fatal: true });
  } catch (cause) {
    throw new CliError('USAGE', `'${encoding}' is not an encoding. Use one such as windows-1252.`, { cause });
  }
}
