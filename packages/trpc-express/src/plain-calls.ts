import type { AnyTRPCProcedure } from '@trpc/server';
import type { Request, Response } from 'express';
import type { MiddlewareOptions } from './options.ts';
import { findProcedures } from './procedures.ts';
import { Target } from './target.ts';

/** The calls of a request that needs nothing of fetch. */
export interface PlainCalls {
  /** The last segment of the request's path as it came. */
  path: string;
  /** The procedure each call names. */
  paths: string[];
  procedures: AnyTRPCProcedure[];
  type: 'query' | 'mutation';
  isBatchCall: boolean;
  target: Target;
}

type PlainOptions = Pick<MiddlewareOptions, 'router' | 'middleware' | 'maxBatchSize' | 'allowBatching' | 'batching'>;

const jsonType = /^application\/json\s*(?:;|$)/i;

/** The calls that a request makes, null when tRPC's own adapter has to see to it. Touches neither request nor answer. */
export function findPlainCalls(options: PlainOptions, req: Request, res: Response): PlainCalls | null {
  if (options.middleware || !isPlainRequest(req) || !isPlainResponse(res)) return null;
  try {
    const target = new Target(req);
    const path = target.path.slice(target.path.lastIndexOf('/') + 1);
    if (target.hasUser || target.query.has('connectionParams')) return null;
    const isBatchCall = target.query.get('batch') === '1';
    const paths = isBatchCall ? decodeURIComponent(path).split(',') : [decodeURIComponent(path)];
    if (isBatchCall && !isBatchAllowed(options, paths.length)) return null;
    const type = req.method === 'GET' ? 'query' : 'mutation';
    const procedures = findProcedures(options.router, paths, type);
    return procedures && { path, paths, procedures, type, isBatchCall, target };
  } catch {
    // A malformed path or URL: tRPC says what is wrong with it.
    return null;
  }
}

function isPlainRequest(req: Request): boolean {
  const { method, headers, httpVersion } = req;
  const type = headers['content-type'];
  if (httpVersion !== '1.1' || headers['trpc-accept'] !== undefined || headers.accept?.includes('jsonl')) return false;
  if (method === 'GET') return type === undefined || jsonType.test(type);
  return hasUnreadJson(req);
}

/** Whether there is a body in JSON that nobody has read yet. */
export function hasUnreadJson(req: Request): boolean {
  return req.method === 'POST' && jsonType.test(req.headers['content-type'] ?? '') && isBodyUnread(req);
}

function isBodyUnread(req: Request): boolean {
  return !Reflect.has(req, 'body') && !req.readableEnded && req.readableEncoding === null;
}

/** Whether nothing stands behind the answer that wants it in chunks, as compression does. */
function isPlainResponse(res: Response): boolean {
  return !('flush' in res);
}

function isBatchAllowed({ allowBatching, batching, maxBatchSize }: PlainOptions, size: number): boolean {
  return (allowBatching ?? batching?.enabled ?? true) && (typeof maxBatchSize !== 'number' || size <= maxBatchSize);
}
