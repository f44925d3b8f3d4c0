import type { TRPCRequestInfo } from '@trpc/server/http';
import { createClientSignal } from './client-signal.ts';
import { createInputReader } from './inputs.ts';
import type { JsonCalls } from './json-calls.ts';
import type { RequestHandlerOptions } from './options.ts';
import type { RequestTarget } from './request-target.ts';

/** The description of the request for `createContext` and `responseMeta`. */
export class RequestInfo implements TRPCRequestInfo {
  readonly isBatchCall: boolean;
  readonly accept: TRPCRequestInfo['accept'];
  readonly calls: TRPCRequestInfo['calls'];
  readonly type: JsonCalls['type'];
  readonly connectionParams = null;
  readonly signal: AbortSignal;
  readonly #target: RequestTarget;

  constructor(options: RequestHandlerOptions, jsonCalls: JsonCalls) {
    const { isBatchCall, paths, procedures, type, target } = jsonCalls;
    const inputs = createInputReader(options, jsonCalls);
    this.isBatchCall = isBatchCall;
    this.accept = (options.req.headers['trpc-accept'] ?? null) as TRPCRequestInfo['accept'];
    this.calls = paths.map((path, batchIndex) => ({
      batchIndex,
      path,
      procedure: procedures[batchIndex]!,
      getRawInput: async () => (await inputs.read())[batchIndex],
      result: () => inputs.result()?.[batchIndex],
    }));
    this.type = type;
    this.signal = createClientSignal(options.req, options.res);
    this.#target = target;
  }

  get url(): URL {
    return this.#target.url;
  }
}
