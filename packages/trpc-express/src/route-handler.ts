import { TRPCError, type AnyTRPCProcedure, type AnyTRPCRouter } from '@trpc/server';
import { createURL, internal_exceptionHandler as createExceptionHandler } from '@trpc/server/adapters/node-http';
import type { TRPCRequestInfo } from '@trpc/server/http';
import type { Request, Response } from 'express';
import { createBodyReader } from './body.ts';
import { createClientSignal } from './client-signal.ts';
import { parseBody, toInputError } from './inputs.ts';
import type { AdapterOptions, RequestHandlerOptions } from './options.ts';
import { resolveResponse, type ToValue } from './response.ts';
import { writeResponse } from './write-response.ts';

/** A call of a procedure by a route of its own, such as `GET /tasks/1` for `task.get`. */
export interface RouteCall {
  /** A query or mutation of the router. */
  procedure: string;
  /** Creates the input from the parsed body. The body is undefined if the request has none. @throws TRPCError */
  toInput: (body: unknown) => unknown;
}

/**
 * Returns a function that serves one call, with the hooks of `createExpressMiddleware`. The response is the result of the
 * procedure itself. Errors have tRPC's form.
 */
export function createRouteHandler<Router extends AnyTRPCRouter>(routerOptions: AdapterOptions<Router>) {
  // From here on, nothing depends on the router's type.
  const options = routerOptions as unknown as AdapterOptions;

  return async (req: Request, res: Response, call: RouteCall): Promise<void> => {
    const handlerOptions = { ...options, req, res, path: call.procedure };
    try {
      const info = toRequestInfo(handlerOptions, call);
      writeResponse(res, await resolveResponse(handlerOptions, info, toValue));
    } catch (cause) {
      createExceptionHandler(handlerOptions)(cause);
    }
  };
}

/** Rejects, to tRPC, with the same errors as the input of a call by its name. */
function createInput(options: RequestHandlerOptions, { toInput }: RouteCall, procedure: AnyTRPCProcedure) {
  const { req, res, maxBodySize, assertBody } = options;
  const readBody = hasBody(req) ? createBodyReader({ req, res, maxSize: maxBodySize }) : null;
  let reading: Promise<unknown> | undefined;
  let input: unknown;
  const assert = (bytes: Buffer) => assertBody?.(bytes, [procedure]);
  async function read(): Promise<unknown> {
    try {
      return (input = toInput(readBody === null ? undefined : parseBody(await readBody(), assert)));
    } catch (cause) {
      throw toInputError(cause);
    }
  }
  return { getRawInput: () => (reading ??= read()), result: () => input };
}

function toRequestInfo(options: RequestHandlerOptions, call: RouteCall): TRPCRequestInfo {
  const { req, res, router, path } = options;
  const procedures = router._def.procedures as Record<string, AnyTRPCProcedure | undefined>;
  const procedure = procedures[path];
  if (procedure === undefined) throw new TRPCError({ code: 'INTERNAL_SERVER_ERROR', message: `No procedure ${path}` });
  return {
    isBatchCall: false,
    accept: null,
    calls: [{ batchIndex: 0, path, procedure, ...createInput(options, call, procedure) }],
    type: procedure._def.type,
    connectionParams: null,
    signal: createClientSignal(req, res),
    get url() {
      return createURL(req);
    },
  };
}

/** Whether the request has a body, according to its headers. */
export function hasBody({ headers }: Pick<Request, 'headers'>): boolean {
  return Number(headers['content-length'] ?? 0) > 0 || headers['transfer-encoding'] !== undefined;
}

const toValue: ToValue = ([response]) =>
  response !== undefined && 'result' in response ? response.result.data : response;
