import { getTRPCErrorFromUnknown, type TRPCError } from '@trpc/server';
import type { TRPCRequestInfo } from '@trpc/server/http';
import type { Exchange } from './options.ts';
import { callProcedure } from './procedures.ts';

export type Call = TRPCRequestInfo['calls'][number];

/** What a call or `createContext` came to. */
export type Outcome = { error: TRPCError; data?: undefined } | { error?: undefined; data: unknown };

/** Makes the context of all the calls; where that fails, each of them fails with its error. */
export async function makeContext(exchange: Exchange, info: TRPCRequestInfo): Promise<Outcome> {
  // As with tRPC the middleware has returned by then, and what it did synchronously is done.
  await Promise.resolve();
  try {
    return { data: await exchange.createContext?.({ ...exchange, info }) };
  } catch (cause) {
    return { error: getTRPCErrorFromUnknown(cause) };
  }
}

/** Makes one call. Rejects only where `onError` throws. */
export async function makeCall(
  exchange: Exchange,
  info: TRPCRequestInfo,
  context: Outcome,
  call: Call,
): Promise<Outcome> {
  const { path, getRawInput, batchIndex } = call;
  const type = info.type as 'query' | 'mutation';
  const ctx = context.data;
  try {
    if (context.error) throw context.error;
    const data = await callProcedure(call.procedure!, {
      path,
      getRawInput,
      ctx,
      type,
      signal: info.signal,
      batchIndex,
    });
    return { data };
  } catch (cause) {
    const error = getTRPCErrorFromUnknown(cause);
    exchange.onError?.({ error, path, input: call.result(), ctx, type, req: exchange.req });
    return { error };
  }
}
