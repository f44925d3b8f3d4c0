import { type Operation, TRPCClientError } from '@trpc/client';
import { HoldfastError } from './errors.ts';
import type { Fetch } from './response.ts';

/** Browsers refuse more in the bodies of all requests with `keepalive` that a page has on their way. */
const bytesMax = 64 * 1024;

/** Response to one call, in tRPC's shape. */
type Item = { result: { data: unknown } } | { error: object };

/** Sends calls in one request, in call order and without delay. The request continues if the page is left. */
export type SendAtOnce = (ops: Operation[], headers: Record<string, string>) => Promise<unknown[]>;

/** The function returns the data or a TRPCClientError for each call. */
export function createSendAtOnce({ url, fetch }: { url: string; fetch: Fetch }): SendAtOnce {
  let bytesInFlight = 0;

  return async (ops, headers) => {
    const isBatch = ops.length > 1;
    const inputs = ops.map(({ input }) => input);
    const body = JSON.stringify(isBatch ? Object.fromEntries(inputs.entries()) : inputs[0]);
    const bytes = new TextEncoder().encode(body).length;
    if (bytesInFlight + bytes > bytesMax) {
      const message = 'Calls with `keepalive` exceed 64 KiB. Send shorter texts or fewer calls.';
      throw new HoldfastError({ code: 'PAYLOAD_TOO_LARGE', message, isRetryable: true });
    }
    bytesInFlight += bytes;
    try {
      const response = await fetch(`${url}/${ops.map(({ path }) => path).join(',')}${isBatch ? '?batch=1' : ''}`, {
        method: 'POST',
        keepalive: true,
        headers: { 'content-type': 'application/json', ...headers },
        body,
      });
      const json = (await response.json()) as Item | Item[];
      return ops.map((_op, index) => toResult(Array.isArray(json) ? json[index] : json));
    } finally {
      bytesInFlight -= bytes;
    }
  };
}

function toResult(item: Item | undefined): unknown {
  if (item !== undefined && 'result' in item) return item.result.data;
  return TRPCClientError.from(item !== undefined && 'error' in item ? (item as never) : new SyntaxError('No result'));
}
