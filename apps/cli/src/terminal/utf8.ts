import { CliError } from '../errors.ts';

/**
 * Decodes bytes that must be UTF-8. A lenient decoder would replace wrong bytes and so change the text.
 *
 * @param source Start of the error message, such as `The input`.
 * @throws CliError USAGE
 */
export function decodeUtf8(bytes: Uint8Array, source: string): string {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch (cause) {
    throw new CliError('USAGE', `${source} is not valid UTF-8. Convert it to UTF-8 and try again.`, { cause });
  }
}

/** Node.js has replaced the wrong bytes of arguments with U+FFFD. @throws CliError USAGE */
export function assertArguments(texts: (string | undefined)[]): void {
  if (!texts.some((text) => text?.includes('\ufffd'))) return;
  throw new CliError('USAGE', 'An argument is not valid UTF-8. Use UTF-8, or pass the text on stdin.');
}
