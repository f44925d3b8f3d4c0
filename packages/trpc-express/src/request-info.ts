import type { TRPCRequestInfo } from '@trpc/server/http';
import { createClientSignal } from './client-signal.ts';
import { createInputReader } from './inputs.ts';
import type { Exchange } from './options.ts';
import type { PlainCalls } from './plain-calls.ts';

/** What `createContext` and `responseMeta` learn about the request. */
export function createRequestInfo(exchange: Exchange, plain: PlainCalls): TRPCRequestInfo {
  const inputs = createInputReader(exchange, plain);
  return {
    isBatchCall: plain.isBatchCall,
    accept: null,
    calls: plain.paths.map((path, batchIndex) => ({
      batchIndex,
      path,
      procedure: plain.procedures[batchIndex]!,
      getRawInput: async () => (await inputs.read())[batchIndex],
      result: () => inputs.result()?.[batchIndex],
    })),
    type: plain.type,
    connectionParams: null,
    signal: createClientSignal(exchange.req, exchange.res),
    get url() {
      return plain.target.url;
    },
  };
}
