import { type Context, createCaller } from '@holdfast/api';
import { createToolServer, type Failure, isTool } from '@holdfast/mcp';
import { createMcpHandler } from '@modelcontextprotocol/server';
import { getTRPCErrorFromUnknown, type TRPCError } from '@trpc/server';
import type { Request, Response as ExpressResponse } from 'express';
import { toErrorShape } from '../request/error-shape.ts';
import type { CallOptions } from '../rest/route.ts';

export interface McpRequest {
  req: Request;
  res: ExpressResponse;
  signal: AbortSignal;
  /** The parsed body. */
  message: object;
  context: Context;
  onError: CallOptions['onError'];
  /** Version of the server. */
  version: string;
}

/** Runs one message on a server of its own. Its tools call the procedures with the context of the request. */
export async function respond({ req, res, signal, message, context, onError, version }: McpRequest): Promise<void> {
  const { name } = ((message as { params?: unknown }).params ?? {}) as { name?: unknown };
  if (isTool(name)) res.locals.tool = name;

  function record(error: TRPCError, path?: string): void {
    onError?.({ error, path, input: undefined, ctx: context, type: 'unknown', req });
  }

  const calls = createCaller(context, { signal, onError: ({ error, path }) => record(error, path) });
  let problem: Error | undefined;
  const handler = createMcpHandler(
    () =>
      createToolServer({
        version,
        isReadOnly: context.tokenScope === 'read',
        openCalls: () => calls,
        toFailure(cause) {
          const error = getTRPCErrorFromUnknown(cause);
          if (error !== cause) record(error);
          return toFailure(error);
        },
      }),
    // Changes of the list of tools, which never changes.
    { maxSubscriptions: 0, onerror: (error) => (problem = error) },
  );
  const request = new Request('http://localhost/mcp', { method: 'POST', headers: toHeaders(req), signal });
  const response = await handler.fetch(request, { parsedBody: message });
  // A defect. The error handler logs it.
  if (response.status === 500) throw new Error('The library failed.', { cause: problem });
  const type = response.headers.get('content-type');
  if (type !== null) res.setHeader('content-type', type);
  res.status(response.status).end(await response.text());
}

/** The headers of the protocol, and no credential. */
function toHeaders({ headers }: Request): [string, string][] {
  return Object.entries(headers).flatMap(([name, value]): [string, string][] =>
    typeof value === 'string' && /^(?:accept|content-type|mcp-.*)$/.test(name) ? [[name, value]] : [],
  );
}

function toFailure(error: TRPCError): Failure {
  const { message, data } = toErrorShape(error);
  const { code, httpStatus, ids, requestId, retryAfterMs, isRetryable } = data;
  const later = retryAfterMs === undefined ? '' : ` Wait ${Math.ceil(retryAfterMs / 1000)} s.`;
  const id = code === 'INTERNAL_SERVER_ERROR' ? ` (request ID ${requestId})` : '';
  return { code, message: `${message}${later}${id}`, ids, isOutcomeUnknown: httpStatus >= 500 && !isRetryable };
}
