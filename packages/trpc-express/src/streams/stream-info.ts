import type { TRPCRequestInfo } from '@trpc/server/http';
import { createClientSignal } from '../client-signal.ts';
import { createInputReader } from '../inputs.ts';
import type { RequestHandlerOptions } from '../options.ts';
import type { StreamCall } from './find-stream.ts';

/** Describes the request of a stream for `createContext` and `responseMeta`. */
export function createStreamInfo(
  options: RequestHandlerOptions,
  { name, procedure, target }: StreamCall,
): TRPCRequestInfo {
  const { req, res } = options;
  const inputs = createInputReader(options, { paths: [name], isBatchCall: false, target });
  const lastEventId = findLastEventId(req.headers['last-event-id'], target.query);
  return {
    isBatchCall: false,
    accept: null,
    calls: [
      {
        batchIndex: 0,
        path: name,
        procedure,
        getRawInput: async () => withLastEventId((await inputs.read())[0], lastEventId),
        result: () => inputs.result()?.[0],
      },
    ],
    type: 'subscription',
    connectionParams: null,
    signal: createClientSignal(req, res),
    url: target.url,
  };
}

/** Browsers send the ID of the last event when they reconnect. */
function findLastEventId(header: string | string[] | undefined, query: URLSearchParams): string | null {
  return header?.toString() ?? query.get('lastEventId') ?? query.get('Last-Event-Id');
}

function withLastEventId(input: unknown, lastEventId: string | null): unknown {
  if (!lastEventId) return input;
  if (typeof input === 'object' && input !== null && !Array.isArray(input)) return { ...input, lastEventId };
  return input ?? { lastEventId };
}
