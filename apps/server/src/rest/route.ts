import type { appRouter } from '@holdfast/api';
import { type AdapterOptions, createRouteHandler, hasBody } from '@holdfast/trpc-express';
import { TRPCError } from '@trpc/server';
import type { Request, RequestHandler } from 'express';
import { findBodyError, findExtraBodyError } from '../request/refused-requests.ts';
import { findRestRoute, findRestTarget } from '../request/rest-routes.ts';
import type { Metrics } from '../telemetry/metrics.ts';
import { toInput } from './input.ts';

/** The options of the routes of the procedures. */
export type CallOptions = AdapterOptions<typeof appRouter>;

/** Serves the procedures by plain paths and parameters: `GET /api/v1/tasks?completed=false` calls `task.list`. */
export function createRest(options: CallOptions, metrics: Metrics): RequestHandler {
  const serve = createRouteHandler<typeof appRouter>({
    ...options,
    responseMeta(meta) {
      const shared = options.responseMeta?.(meta) ?? {};
      const [response] = meta.data;
      if (response === undefined || !('result' in response)) return shared;
      const { data } = response.result;
      const tag = isRecordOfVersion(data) ? { etag: `"${data.version}"` } : null;
      const { status } = findRestRoute(meta.paths![0]!)!;
      return { status, headers: { ...(shared.headers as Record<string, string>), ...tag } };
    },
  });

  return (req, res, next) => {
    const target = findRestTarget(req.path);
    if (target === undefined) return next();
    const route = target.methods.get(req.method);
    if (route === undefined) {
      const allowed = [...target.methods.keys()].flatMap((method) => (method === 'GET' ? ['GET', 'HEAD'] : method));
      res.setHeader('allow', allowed.join(', '));
      const message = `Method not supported. Use ${allowed.join(', ')}.`;
      throw new TRPCError({ code: 'METHOD_NOT_SUPPORTED', message });
    }
    const { procedure } = route;
    const error = findRequestError(req);
    if (error !== null) {
      metrics.recordRejectedCall(procedure, error.code);
      throw error;
    }
    return serve(req, res, { procedure, toInput: (body) => toInput({ procedure, id: target.id, req }, body) });
  };
}

function isRecordOfVersion(data: unknown): data is { version: number } {
  return typeof data === 'object' && data !== null && 'version' in data;
}

/** Only the type of a body keeps the forms of other sites out, if the cookie is the credential. */
function findRequestError(req: Request): TRPCError | null {
  if (req.method === 'GET' || req.method === 'DELETE') return findExtraBodyError(req);
  return hasBody(req) || req.headers.authorization === undefined ? findBodyError(req) : null;
}
