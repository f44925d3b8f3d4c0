import { hasBody } from '@holdfast/trpc-express';
import { TRPCError } from '@trpc/server';
import type { Request } from 'express';

type Headed = Pick<Request, 'headers'>;

/** The server reads only JSON. */
export function findBodyError({ headers }: Headed): TRPCError | null {
  if (!/^application\/json\s*(?:;|$)/i.test(headers['content-type'] ?? '')) {
    const message = 'The body must be JSON. Send content-type: application/json.';
    return new TRPCError({ code: 'UNSUPPORTED_MEDIA_TYPE', message });
  }
  if (!/^(?:identity)?$/i.test(headers['content-encoding'] ?? '')) {
    const message = 'Compressed bodies are not supported. Send the body without content-encoding.';
    return new TRPCError({ code: 'UNSUPPORTED_MEDIA_TYPE', message });
  }
  return null;
}

/** For routes that read no body. */
export function findExtraBodyError(req: Headed): TRPCError | null {
  if (!hasBody(req)) return null;
  return new TRPCError({ code: 'PAYLOAD_TOO_LARGE', message: 'This route accepts no body. Send none.' });
}

const namesMax = 5;

/** Parameters that have no effect are refused, since their sender expects one. Null without names. */
export function findParameterError(names: Iterable<string>, advice: string): TRPCError | null {
  const unknown = [...new Set(names)];
  if (unknown.length === 0) return null;
  const shown = unknown.slice(0, namesMax).map((name) => JSON.stringify(name.slice(0, 50)));
  const rest = unknown.length > namesMax ? ` and ${unknown.length - namesMax} more` : '';
  return new TRPCError({ code: 'BAD_REQUEST', message: `Unknown parameter: ${shown.join(', ')}${rest}. ${advice}` });
}
