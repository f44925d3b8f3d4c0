import type { AnyTRPCProcedure } from '@trpc/server';
import type { Request, Response } from 'express';
import type { AdapterOptions } from './options.ts';
import { RequestTarget } from './request-target.ts';

/** The procedure calls of a request that the fast path can serve. */
export interface JsonCalls {
  /** The last segment of the request path, percent-encoded. */
  path: string;
  /** The path of each called procedure. */
  paths: string[];
  procedures: AnyTRPCProcedure[];
  type: 'query' | 'mutation';
  isBatchCall: boolean;
  target: RequestTarget;
}

/** The types that a method may call. */
const reads: JsonCalls['type'][] = ['query'];
const writes: JsonCalls['type'][] = ['mutation'];
const writesAndReads: JsonCalls['type'][] = ['mutation', 'query'];

const jsonType = /^application\/json\s*(?:;|$)/i;

/** The types that tRPC refuses for GET. With any other type, the input is JSON. */
const otherType = /^(?:multipart\/form-data|application\/octet-stream)\s*(?:;|$)/i;

const lines = 'application/jsonl';

/** Finds the calls of a request, or returns null if tRPC's own adapter must serve it. Does not change the request or the response. */
export function findJsonCalls(
  { router, maxBatchSize = Infinity, allowMethodOverride = false }: AdapterOptions,
  req: Request,
  res: Response,
): JsonCalls | null {
  if (!isJsonRequest(req) || needsChunks(res)) return null;
  try {
    const target = new RequestTarget(req);
    const path = target.lastSegment;
    if (target.hasUser || target.query.has('connectionParams')) return null;
    const isBatchCall = target.query.get('batch') === '1';
    const paths = isBatchCall ? decodeURIComponent(path).split(',') : [decodeURIComponent(path)];
    if (isBatchCall && paths.length > maxBatchSize) return null;
    const types = req.method === 'GET' ? reads : allowMethodOverride ? writesAndReads : writes;
    for (const type of types) {
      const procedures = findProcedures(router, paths, type);
      if (procedures) return { path, paths, procedures, type, isBatchCall, target };
    }
    return null;
  } catch {
    // The path or the URL is malformed. tRPC's own adapter reports the error.
    return null;
  }
}

/** Returns whether the request has a JSON body that no middleware has read. */
export function hasUnreadJsonBody(req: Request): boolean {
  return req.method === 'POST' && jsonType.test(req.headers['content-type'] ?? '') && isBodyUnread(req);
}

/** Whether a request asks for plain JSON and its body, if it has one, is JSON that no middleware has read. */
export function isJsonRequest(req: Request): boolean {
  const { method, headers, httpVersionMajor } = req;
  const { 'content-type': type, 'trpc-accept': trpcAccept, accept } = headers;
  if (httpVersionMajor !== 1 || (trpcAccept === undefined ? acceptsLines(accept) : trpcAccept === lines)) return false;
  if (method === 'GET') return !otherType.test(type ?? '');
  return hasUnreadJsonBody(req);
}

/** As tRPC reads the header. */
function acceptsLines(accept = ''): boolean {
  return accept.includes(lines) && accept.split(',').some((type) => type.trim() === lines);
}

function isBodyUnread(req: Request): boolean {
  return !Reflect.has(req, 'body') && !req.readableEnded && req.readableEncoding === null;
}

/** Compression middleware adds `flush` and expects chunks. */
export function needsChunks(res: Response): boolean {
  return 'flush' in res;
}

/**
 * Finds the procedures with these paths. Returns null unless all of them exist and have this type. It reads the router's `_def`,
 * because tRPC has no public way to look up a procedure.
 */
function findProcedures(
  router: AdapterOptions['router'],
  paths: string[],
  type: JsonCalls['type'],
): AnyTRPCProcedure[] | null {
  const known = router._def.procedures as Record<string, AnyTRPCProcedure | undefined>;
  const found: AnyTRPCProcedure[] = [];
  for (const path of paths) {
    const procedure = known[path];
    if (procedure?._def.type !== type) return null;
    found.push(procedure);
  }
  return found;
}
