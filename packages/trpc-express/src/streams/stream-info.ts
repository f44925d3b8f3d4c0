import type { TRPCRequestInfo } from '@trpc/server/http';
import { createInputReader } from '../inputs.ts';
import type { RequestHandlerOptions } from '../options.ts';
import type { StreamCall } from './find-stream.ts';

/** The description of the request of a stream for `createContext` and `responseMeta`. */
export class StreamInfo implements TRPCRequestInfo {
  readonly isBatchCall = false;
  readonly accept = null;
  readonly calls: TRPCRequestInfo['calls'];
  readonly type = 'subscription';
  readonly connectionParams = null;
  readonly signal: AbortSignal;
  /** The ID of the last event that the client has; null if there is none. */
  readonly lastEventId: string | null;
  #target: StreamCall['target'] | null;

  constructor(options: RequestHandlerOptions, { name, procedure, target }: StreamCall) {
    const { req } = options;
    const inputs = createInputReader(options, { paths: [name], procedures: [procedure], isBatchCall: false, target });
    const lastEventId = (this.lastEventId = findLastEventId(req.headers['last-event-id'], target.query));
    this.calls = [
      {
        batchIndex: 0,
        path: name,
        procedure,
        getRawInput: async () => withLastEventId((await inputs.read())[0], lastEventId),
        result: () => inputs.result()?.[0],
      },
    ];
    this.signal = createStreamSignal(options.res);
    this.#target = target;
  }

  get url(): URL | null {
    return this.#target?.url ?? null;
  }

  /** Replaces the parts that refer to the request by the input alone, because a stream lasts long. */
  release(): void {
    const [call] = this.calls;
    const input = call!.result();
    this.#target = null;
    this.calls[0] = { ...call!, getRawInput: () => Promise.resolve(input), result: () => input };
  }
}

/** As `createClientSignal`, with one listener: the response of a stream is closed when its client disconnects. */
function createStreamSignal(res: RequestHandlerOptions['res']): AbortSignal {
  const controller = new AbortController();
  res.once('close', () => {
    if (!res.writableEnded) controller.abort();
  });
  return controller.signal;
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
