import type { Context } from '@holdfast/api';
import { createBodyReader, parseBody } from '@holdfast/trpc-express';
import { TRPCError } from '@trpc/server';
import type { TRPCRequestInfo } from '@trpc/server/http';
import type { Request, RequestHandler, Response } from 'express';
import { createClosedSignal } from '../request/closed-signal.ts';
import { toQuery } from '../request/query.ts';
import { findBodyError, findParameterError } from '../request/refused-requests.ts';
import type { CallOptions } from '../rest/route.ts';
import { readVersion } from '../telemetry/version.ts';
import { assertFewMembers } from './few-members.ts';

declare global {
  // oxlint-disable-next-line typescript/no-namespace -- Express declares the type of `res.locals` in this namespace.
  namespace Express {
    interface Locals {
      /** The tool that an assistant has called. */
      tool?: string;
    }
  }
}

export interface McpOptions {
  /** The hooks of the procedures. */
  calls: CallOptions;
  /** Origins whose pages may call. */
  origins: ReadonlySet<string>;
}

/** Every message counts as one call, which can have a large input and a large response. */
const countedCall = { path: 'task.list', procedure: null } as TRPCRequestInfo['calls'][number];

/**
 * `POST /mcp`: serves the tools of `@holdfast/mcp` to assistants by the Model Context Protocol, without a session. Each
 * request is one message. Its credential must be in the header, since a browser would add the cookie by itself.
 */
export function createMcpRoute(options: McpOptions): RequestHandler {
  const { createContext, onError, maxBodySize, assertBody } = options.calls;
  const version = readVersion();

  /** @throws TRPCError UNAUTHORIZED without a credential, and the errors of the checks of a caller. */
  async function openContext(req: Request, res: Response, signal: AbortSignal): Promise<Context> {
    delete req.headers.cookie;
    try {
      const context = await createContext({ req, res, info: toInfo(req, signal) });
      if (context.scope !== null) return context;
      throw new TRPCError({ code: 'UNAUTHORIZED', message: 'This call needs a token. Send `Bearer <token>`.' });
    } catch (error) {
      if (error instanceof TRPCError && error.code === 'UNAUTHORIZED') res.setHeader('www-authenticate', 'Bearer');
      throw error;
    }
  }

  return async (req, res) => {
    const refusal = findRequestError(req, options.origins);
    if (refusal !== null) {
      if (refusal.code === 'METHOD_NOT_SUPPORTED') res.setHeader('allow', 'POST');
      throw refusal;
    }
    const readBody = createBodyReader({ req, res, maxSize: maxBodySize });
    const signal = createClosedSignal(res);
    const context = await openContext(req, res, signal);
    const message = parse(await readBody(), assertBody);
    assertFewMembers(message);
    // Most servers have no assistants, and the library takes a tenth of a second to load.
    const { respond } = await import('./respond.ts');
    await respond({ req, res, signal, message, context, onError, version });
  };
}

/** Pages of other origins are refused, as the protocol demands. Programs send no origin. */
function findRequestError(req: Request, origins: ReadonlySet<string>): TRPCError | null {
  if (req.method !== 'POST') {
    return new TRPCError({ code: 'METHOD_NOT_SUPPORTED', message: 'Method not supported. Use POST.' });
  }
  const { origin } = req.headers;
  if (origin !== undefined && !origins.has(origin)) {
    return new TRPCError({ code: 'FORBIDDEN', message: 'Origin not allowed. Add it to TRUSTED_ORIGINS.' });
  }
  return findParameterError(toQuery(req.url).keys(), 'This route has none.') ?? findBodyError(req);
}

/** What the checks of a caller read. */
function toInfo(req: Request, signal: AbortSignal): TRPCRequestInfo {
  return {
    isBatchCall: false,
    accept: null,
    calls: [countedCall],
    type: 'mutation',
    connectionParams: null,
    signal,
    url: new URL(req.url, 'http://localhost'),
  };
}

/** @throws TRPCError BAD_REQUEST */
function parse(body: Buffer, assertBody: CallOptions['assertBody']): object {
  const message = parseJson(body, assertBody);
  // A batch would be many calls that count as one. The protocol had batches only in one old version.
  if (typeof message === 'object' && message !== null && !Array.isArray(message)) return message;
  throw new TRPCError({ code: 'BAD_REQUEST', message: 'The body must be one JSON-RPC message. Send an object.' });
}

function parseJson(body: Buffer, assertBody: CallOptions['assertBody']): unknown {
  try {
    return parseBody(body, assertBody);
  } catch (error) {
    if (error instanceof SyntaxError) return undefined;
    throw error;
  }
}
