import { TRPCError } from '@trpc/server';
import type { Request, RequestHandler } from 'express';
import { toProcedures } from '../request/routes.ts';
import type { Metrics } from '../telemetry/metrics.ts';

/**
 * Rejects requests that are not calls, and bodies that are not JSON before any code reads them. tRPC would accept forms
 * and bytes as input, and browsers send these with the visitor's cookie from any page, without a CORS preflight.
 */
export function createRequestGuard(metrics: Metrics): RequestHandler {
  return (req, res, next) => {
    const error = findRequestError(req);
    if (error === null) return next();
    for (const procedure of toProcedures(req.baseUrl + req.path, req.method))
      metrics.recordRejectedCall(procedure, error.code);
    if (error.code === 'METHOD_NOT_SUPPORTED') res.setHeader('allow', 'GET, HEAD, POST');
    throw error;
  };
}

function findRequestError(req: Request): TRPCError | null {
  return findParameterError(req.url) ?? (req.method === 'GET' ? null : findMethodError(req));
}

function findMethodError({ method, headers }: Request): TRPCError | null {
  if (method !== 'POST') {
    const message = 'Method not supported. Use GET for queries and POST for mutations.';
    return new TRPCError({ code: 'METHOD_NOT_SUPPORTED', message });
  }
  return findBodyError({ headers });
}

/** The server reads only JSON. */
export function findBodyError({ headers }: Pick<Request, 'headers'>): TRPCError | null {
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

const namesMax = 5;

/** Rejects parameters that have no effect, since their sender expects one. */
function findParameterError(url: string): TRPCError | null {
  const at = url.indexOf('?');
  if (at === -1 || !hasOtherParameters.test(url)) return null;
  const names = [...new Set(new URLSearchParams(url.slice(at + 1)).keys())].filter(
    (name) => name !== 'input' && name !== 'batch',
  );
  if (names.length === 0) return null;
  const shown = names.slice(0, namesMax).map((name) => JSON.stringify(name.slice(0, 50)));
  const rest = names.length > namesMax ? ` and ${names.length - namesMax} more` : '';
  const message = `Unknown parameter: ${shown.join(', ')}${rest}. Send the input as ?input=<JSON>.`;
  return new TRPCError({ code: 'BAD_REQUEST', message });
}

/** True for most URLs with a parameter other than these two, and never false for such a URL. */
const hasOtherParameters = /[?&](?!(?:input|batch)=)/;
