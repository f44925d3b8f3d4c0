import { TRPCError } from '@trpc/server';
import type { Request, RequestHandler } from 'express';
import { toQuery } from '../request/query.ts';
import { findBodyError, findParameterError } from '../request/refused-requests.ts';
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
  return findTargetError(req.url) ?? (req.method === 'GET' ? null : findMethodError(req));
}

function findMethodError(req: Request): TRPCError | null {
  if (req.method !== 'POST') {
    const message = 'Method not supported. Use GET for queries and POST for mutations.';
    return new TRPCError({ code: 'METHOD_NOT_SUPPORTED', message });
  }
  return findBodyError(req);
}

function findTargetError(url: string): TRPCError | null {
  if (!hasOtherParameters.test(url)) return null;
  const names = [...toQuery(url).keys()];
  return findParameterError(
    names.filter((name) => name !== 'input' && name !== 'batch'),
    'Send the input as ?input=<JSON>.',
  );
}

/** True for most URLs with a parameter other than these two, and never false for such a URL. */
const hasOtherParameters = /[?&](?!(?:input|batch)=)/;
