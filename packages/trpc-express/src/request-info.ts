import type { TRPCRequestInfo } from '@trpc/server/http';
import { createClientSignal } from './client-signal.ts';
import { createInputReader } from './inputs.ts';
import type { Exchange } from './options.ts';
import type { PlainCalls } from './plain-calls.ts';
import type { Target } from './target.ts';

/** What `createContext` and `responseMeta` learn about the request. */
export class RequestInfo implements TRPCRequestInfo {
  readonly isBatchCall: boolean;
  readonly accept = null;
  readonly calls: TRPCRequestInfo['calls'];
  readonly type: PlainCalls['type'];
  readonly connectionParams = null;
  readonly signal: AbortSignal;
  readonly #target: Target;

  constructor(exchange: Exchange, plain: PlainCalls) {
    const { isBatchCall, paths, procedures, type, target } = plain;
    const inputs = createInputReader(exchange, plain);
    this.isBatchCall = isBatchCall;
    this.calls = paths.map((path, batchIndex) => ({
      batchIndex,
      path,
      procedure: procedures[batchIndex]!,
      getRawInput: async () => (await inputs.read())[batchIndex],
      result: () => inputs.result()?.[batchIndex],
    }));
    this.type = type;
    this.signal = createClientSignal(exchange.req, exchange.res);
    this.#target = target;
  }

  get url(): URL {
    return this.#target.url;
  }
}
