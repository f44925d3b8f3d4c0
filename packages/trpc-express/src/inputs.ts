import { setImmediate as nextTurn } from 'node:timers/promises';
import { TRPCError } from '@trpc/server';
import { createBodyReader } from './body.ts';
import type { JsonCalls } from './json-calls.ts';
import type { RequestHandlerOptions } from './options.ts';
import type { RequestTarget } from './request-target.ts';

/** The inputs of the calls by their index in the batch. */
export type Inputs = Record<number, unknown>;

export interface InputReader {
  /** Reads and parses the input. Repeated calls use the first result. @throws TRPCError BAD_REQUEST, PAYLOAD_TOO_LARGE */
  read: () => Promise<Inputs>;
  /** The inputs, if they have been read. */
  result: () => Inputs | undefined;
}

const shortBodyBytes = 64 * 1024;

const decoder = new TextDecoder();

/** Creates a reader that parses the input on the first read. */
export function createInputReader(
  options: RequestHandlerOptions,
  calls: Pick<JsonCalls, 'paths' | 'procedures' | 'isBatchCall' | 'target'>,
): InputReader {
  const { req, res, maxBodySize, assertBody } = options;
  const readBody = req.method === 'POST' ? createBodyReader({ req, res, maxSize: maxBodySize }) : null;
  let inputs: Inputs | undefined;
  let reading: Promise<Inputs> | undefined;
  /** Each call of a batch with a long body begins in a turn of its own, so that other requests do not wait for all of them. */
  let turn: Promise<unknown> | undefined;
  const assert = (bytes: Buffer) => {
    assertBody?.(bytes, calls.procedures);
    if (calls.isBatchCall && bytes.length > shortBodyBytes) turn = Promise.resolve();
  };

  async function readInputs(): Promise<Inputs> {
    // This must take no more microtasks than tRPC does: `onError` gets the inputs that have been read by then.
    const json: unknown = readBody === null ? parseQuery(calls.target) : parseBody(await readBody(), assert);
    if (json === undefined) return {};
    if (!calls.isBatchCall) return { 0: json };
    if (!isRecord(json)) {
      throw new TRPCError({
        code: 'BAD_REQUEST',
        message: '"input" needs to be an object when doing a batch call',
      });
    }
    const read: Inputs = {};
    for (const index of calls.paths.keys()) {
      if (json[index] !== undefined) read[index] = json[index];
    }
    return read;
  }

  return {
    async read() {
      if (!inputs) {
        reading ??= readInputs().catch((cause: unknown) => {
          throw toInputError(cause);
        });
        inputs = await reading;
      }
      if (turn !== undefined) await (turn = turn.then(() => nextTurn()));
      return inputs;
    },
    result: () => inputs,
  };
}

function parseQuery({ query }: RequestTarget): unknown {
  const text = query.get('input');
  return text ? JSON.parse(text) : undefined;
}

/** Parses a JSON body. A byte order mark before the JSON is ignored. @throws SyntaxError, and the errors of `assertBody` */
export function parseBody(body: Buffer, assertBody: ((body: Buffer) => void) | undefined): unknown {
  assertBody?.(body);
  const text = decoder.decode(body);
  // The decoder drops one byte order mark, and fetch drops a second one.
  return JSON.parse(text.startsWith('\uFEFF') ? text.slice(1) : text);
}

function isRecord(json: unknown): json is Record<number, unknown> {
  return typeof json === 'object' && json !== null && !Array.isArray(json);
}

export function toInputError(cause: unknown): TRPCError {
  if (cause instanceof TRPCError) return cause;
  return new TRPCError({
    code: 'BAD_REQUEST',
    message: cause instanceof Error ? cause.message : 'Invalid input',
    cause,
  });
}
