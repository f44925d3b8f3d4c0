import { isUtf8 } from 'node:buffer';
import { TRPCError } from '@trpc/server';

/**
 * Rejects a body that is not valid UTF-8. A decoder would replace the invalid bytes, and the changed text would be
 * stored.
 *
 * @throws TRPCError BAD_REQUEST.
 */
export function assertUtf8(body: Buffer): void {
  if (!isUtf8(body)) throw new TRPCError({ code: 'BAD_REQUEST', message: 'The body must be text in UTF-8.' });
}
