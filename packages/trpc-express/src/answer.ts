import { getTRPCErrorFromUnknown, getTRPCErrorShape, type TRPCError } from '@trpc/server';
import type { TRPCRequestInfo } from '@trpc/server/http';
import type { TRPCErrorResponse, TRPCResponse } from '@trpc/server/rpc';
import { createHeadMaker, toFetchStatus } from './head.ts';
import type { Exchange } from './options.ts';
import { type Call, makeCall, makeContext, type Outcome } from './outcome.ts';
import { refuseStreams } from './stream-like.ts';

/** What goes back to the client. */
export interface Answer {
  status: number;
  /** Null for those that every answer has. */
  headers: Headers | null;
  body: string;
}

/** Makes the calls and the answer to them, in the order of tRPC's `resolveResponse`. Rejects only where a hook throws. */
export async function resolveAnswer(exchange: Exchange, info: TRPCRequestInfo): Promise<Answer> {
  const config = exchange.router._def._config;
  const transformer = config.transformer.output;
  const { type, isBatchCall } = info;
  const context = await makeContext(exchange, info);
  const ctx = context.data;
  const makeHead = createHeadMaker(exchange, info, ctx);

  function toFailure(error: TRPCError, call?: Call): TRPCErrorResponse {
    return { error: getTRPCErrorShape({ config, ctx, error, input: call?.result(), path: call?.path, type }) };
  }

  function toResponse({ error, data }: Outcome, index: number): TRPCResponse {
    return error ? toFailure(error, info.calls[index]) : { result: { data } };
  }

  // What `transformTRPCResponse` makes of these, without its copies: they are a good part of what a batch costs.
  function toWire(response: TRPCResponse): unknown {
    if ('error' in response) return { error: transformer.serialize(response.error) };
    return { result: { data: transformer.serialize(response.result.data) } };
  }

  try {
    const made = await Promise.all(info.calls.map((call) => makeCall(exchange, info, context, call)));
    const outcomes = refuseStreams(made, isBatchCall);
    const responses = outcomes.map(toResponse);
    const errors = outcomes.flatMap(({ error }) => error ?? []);
    const { status, headers } = makeHead(responses, errors);
    const body = JSON.stringify(isBatchCall ? responses.map(toWire) : toWire(responses[0]!));
    return { status: toFetchStatus(status), headers, body };
  } catch (cause) {
    const error = getTRPCErrorFromUnknown(cause);
    exchange.onError?.({ error, path: undefined, input: undefined, ctx, type, req: exchange.req });
    const failure = toFailure(error);
    const body = JSON.stringify(toWire(failure));
    const { status, headers } = makeHead([failure], [error]);
    return { status: toFetchStatus(status), headers, body };
  }
}
