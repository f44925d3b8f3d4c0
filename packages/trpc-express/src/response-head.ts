import type { TRPCError } from '@trpc/server';
import { getHTTPStatusCode, type TRPCRequestInfo } from '@trpc/server/http';
import type { TRPCResponse } from '@trpc/server/rpc';
import type { RequestHandlerOptions } from './options.ts';

/** The status and headers of a response. */
interface ResponseHead {
  status: number;
  /** Null if the response has only the standard headers. */
  headers: Headers | null;
}

/** The headers of every response, in the order of fetch's `Headers`. */
export const standardHeaders: [name: string, value: string][] = [
  ['content-type', 'application/json'],
  ['vary', 'trpc-accept, accept'],
];

/** Returns a function that builds the head of one response. A second call, after a failure, extends the headers of the first. */
export function createHeadBuilder({ responseMeta }: RequestHandlerOptions, info: TRPCRequestInfo, ctx: unknown) {
  let headers: Headers | null = null;

  return (data: TRPCResponse[], errors: TRPCError[]): ResponseHead => {
    const status = getHTTPStatusCode(data);
    const paths = info.calls.map(({ path }) => path);
    const meta = responseMeta?.({ ctx, info, paths, data, errors, eagerGeneration: false, type: info.type });
    if (meta?.headers) addHeaders((headers ??= new Headers(standardHeaders)), meta.headers);
    return { status: meta?.status || status, headers };
  };
}

/** Adds the headers of `responseMeta`. */
export function addHeaders(headers: Headers, added: Headers | Record<string, string | string[] | undefined>): void {
  if (added instanceof Headers) {
    for (const [name, value] of added) headers.append(name, value);
    return;
  }
  for (const [name, value] of Object.entries(added)) {
    if (Array.isArray(value)) for (const item of value) headers.append(name, item);
    else if (typeof value === 'string') headers.set(name, value);
  }
}

/**
 * Converts a status as the constructor of fetch's `Response` does.
 *
 * @throws RangeError, TypeError if fetch does not allow it for a response with a body, for example 204.
 */
export function toFetchStatus(status: number): number {
  const isCommon = status === 200 || status === 207 || (status >= 400 && status <= 599 && Number.isInteger(status));
  return isCommon ? status : new Response('', { status }).status;
}
