import { getTRPCErrorFromUnknown, getTRPCErrorShape, type TRPCError } from '@trpc/server';
import type { TRPCRequestInfo } from '@trpc/server/http';
import type { TRPCErrorResponse, TRPCResponse } from '@trpc/server/rpc';
import { type Call, callProcedure, type CallResult, createContext } from './call-procedures.ts';
import { type JsonBody, toJsonBody } from './json-body.ts';
import type { RequestHandlerOptions } from './options.ts';
import { rejectStreams } from './reject-streams.ts';
import { createHeadBuilder, toFetchStatus } from './response-head.ts';

/** The HTTP response to a request. */
export interface HttpResponse {
  status: number;
  /** Null if the response has only the standard headers. */
  headers: Headers | null;
  body: JsonBody;
}

/** Creates the value of a response from the results of its calls. */
export type ToValue = (responses: TRPCResponse[], isBatchCall: boolean) => unknown;

const toRpcValue: ToValue = (responses, isBatchCall) => (isBatchCall ? responses : responses[0]);

/** Calls the procedures and builds the response, in the order of tRPC's `resolveResponse`. Rejects only if a hook throws. */
export async function resolveResponse(
  options: RequestHandlerOptions,
  info: TRPCRequestInfo,
  toValue: ToValue = toRpcValue,
): Promise<HttpResponse> {
  const config = options.router._def._config;
  const { type, isBatchCall } = info;
  const context = await createContext(options, info);
  const ctx = context.data;
  const buildHead = createHeadBuilder(options, info, ctx);

  function toErrorResponse(error: TRPCError, call?: Call): TRPCErrorResponse {
    return { error: getTRPCErrorShape({ config, ctx, error, input: call?.result(), path: call?.path, type }) };
  }

  function toRpcResponse({ error, data }: CallResult, index: number): TRPCResponse {
    return error ? toErrorResponse(error, info.calls[index]) : { result: { data } };
  }

  try {
    const called = await Promise.all(info.calls.map((call) => callProcedure(options, { info, context, call })));
    const results = rejectStreams(called, isBatchCall);
    const responses = results.map(toRpcResponse);
    const errors = results.flatMap(({ error }) => error ?? []);
    const { status, headers } = buildHead(responses, errors);
    const body = toJsonBody(toValue(responses, isBatchCall));
    return { status: toFetchStatus(status), headers, body: typeof body === 'string' ? body : await body };
  } catch (cause) {
    const error = getTRPCErrorFromUnknown(cause);
    options.onError?.({ error, path: undefined, input: undefined, ctx, type, req: options.req });
    const response = toErrorResponse(error);
    const body = JSON.stringify(response);
    const { status, headers } = buildHead([response], [error]);
    return { status: toFetchStatus(status), headers, body };
  }
}
