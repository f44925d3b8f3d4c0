import { TRPCError } from '@trpc/server';
import { readBody } from './body.ts';
import type { Exchange } from './options.ts';
import type { PlainCalls } from './plain-calls.ts';
import type { Target } from './target.ts';

/** The inputs of a request's calls by their place in the batch. */
export type Inputs = Record<number, unknown>;

export interface InputReader {
  /** Reads and parses once, however often it is asked. @throws TRPCError BAD_REQUEST, PAYLOAD_TOO_LARGE */
  read: () => Promise<Inputs>;
  /** What has been read so far. */
  result: () => Inputs | undefined;
}

const decoder = new TextDecoder();

/** Parses the input when it is first wanted; a body begins to flow at once. */
export function createInputReader({ req, router, maxBodySize, assertBody }: Exchange, calls: PlainCalls): InputReader {
  const body = req.method === 'POST' ? readBody(req, maxBodySize) : null;
  const transformer = router._def._config.transformer.input;
  let inputs: Inputs | undefined;
  let reading: Promise<Inputs> | undefined;

  async function readInputs(): Promise<Inputs> {
    // No more turns of the microtask queue than in tRPC: `onError` is given what has been read by then.
    const json: unknown = body === null ? parseQuery(calls.target) : parseBody(await body, assertBody);
    if (json === undefined) return {};
    if (!calls.isBatchCall) return { 0: transformer.deserialize(json) };
    if (!isRecord(json)) {
      throw new TRPCError({
        code: 'BAD_REQUEST',
        message: '"input" needs to be an object when doing a batch call',
      });
    }
    const read: Inputs = {};
    for (const index of calls.paths.keys()) {
      if (json[index] !== undefined) read[index] = transformer.deserialize(json[index]);
    }
    return read;
  }

  return {
    async read() {
      if (inputs) return inputs;
      reading ??= readInputs().catch((cause: unknown) => {
        throw toInputError(cause);
      });
      return (inputs = await reading);
    },
    result: () => inputs,
  };
}

function parseQuery({ query }: Target): unknown {
  const text = query.get('input');
  return text ? JSON.parse(text) : undefined;
}

function parseBody(body: Buffer, assertBody: Exchange['assertBody']): unknown {
  assertBody?.(body);
  const text = decoder.decode(body);
  // The decoder drops one byte order mark; fetch drops a second one.
  return JSON.parse(text.startsWith('\uFEFF') ? text.slice(1) : text);
}

function isRecord(json: unknown): json is Record<number, unknown> {
  return typeof json === 'object' && json !== null && !Array.isArray(json);
}

function toInputError(cause: unknown): TRPCError {
  if (cause instanceof TRPCError) return cause;
  return new TRPCError({
    code: 'BAD_REQUEST',
    message: cause instanceof Error ? cause.message : 'Invalid input',
    cause,
  });
}
