import { isUtf8 } from 'node:buffer';
import { TRPCError } from '@trpc/server';

/**
 * Whoever decodes bytes that are no text puts other characters in their place, which would be kept as if they were meant.
 *
 * @throws TRPCError BAD_REQUEST.
 */
export function assertUtf8(body: Buffer): void {
  if (!isUtf8(body)) throw new TRPCError({ code: 'BAD_REQUEST', message: 'The body must be text in UTF-8.' });
}
