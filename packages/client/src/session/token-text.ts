import { HoldfastError } from '../errors.ts';

/**
 * Checks that a token can be sent in a header. The message never contains the token, unlike that of `fetch`.
 *
 * @throws HoldfastError CALLBACK_FAILED
 */
export function assertToken(token: unknown, source: string): asserts token is string {
  if (typeof token === 'string' && /^[\x21-\x7e]+$/.test(token)) return;
  const message = `${source} returned an invalid token. Remove spaces, line breaks and special characters.`;
  throw new HoldfastError({ code: 'CALLBACK_FAILED', message, isRetryable: true });
}
