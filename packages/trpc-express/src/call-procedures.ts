import { type AnyTRPCProcedure, getTRPCErrorFromUnknown, type TRPCError, type TRPCProcedureType } from '@trpc/server';
import type { TRPCRequestInfo } from '@trpc/server/http';
import type { RequestHandlerOptions } from './options.ts';

export type Call = TRPCRequestInfo['calls'][number];

/** The result of a procedure or of `createContext`. */
export type CallResult = { error: TRPCError; data?: undefined } | { error?: undefined; data: unknown };

/** The argument of a procedure. tRPC does not export this type. */
interface ProcedureCallOptions {
  path: string;
  getRawInput: () => Promise<unknown>;
  ctx: unknown;
  type: TRPCProcedureType;
  signal: AbortSignal;
  batchIndex: number;
}

/** Creates the context for all calls of a request. If it fails, each call fails with its error. */
export async function createContext(options: RequestHandlerOptions, info: TRPCRequestInfo): Promise<CallResult> {
  // As in tRPC, `createContext` runs after the middleware has returned.
  await Promise.resolve();
  try {
    return { data: await options.createContext({ ...options, info }) };
  } catch (cause) {
    return { error: getTRPCErrorFromUnknown(cause) };
  }
}

/** Calls one procedure. Rejects only if `onError` throws. */
export async function callProcedure(
  options: RequestHandlerOptions,
  { info, context, call }: { info: TRPCRequestInfo; context: CallResult; call: Call },
): Promise<CallResult> {
  const { path, getRawInput, batchIndex } = call;
  const type = info.type as TRPCProcedureType;
  const ctx = context.data;
  try {
    if (context.error) throw context.error;
    const { signal } = info;
    return { data: await invoke(call.procedure!, { path, getRawInput, ctx, type, signal, batchIndex }) };
  } catch (cause) {
    const error = getTRPCErrorFromUnknown(cause);
    options.onError?.({ error, path, input: call.result(), ctx, type, req: options.req });
    return { error };
  }
}

/** tRPC's `callTRPCProcedure` would look up the procedure a second time. */
function invoke(procedure: AnyTRPCProcedure, options: ProcedureCallOptions): Promise<unknown> {
  return (procedure as unknown as (options: ProcedureCallOptions) => Promise<unknown>)(options);
}
