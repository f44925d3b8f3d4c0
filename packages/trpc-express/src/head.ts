import type { TRPCError } from '@trpc/server';
import { getHTTPStatusCode, type TRPCRequestInfo } from '@trpc/server/http';
import type { TRPCResponse } from '@trpc/server/rpc';
import type { Exchange } from './options.ts';

interface Head {
  status: number;
  headers: Headers | null;
}

/** The headers of every answer, in the order in which fetch's `Headers` gives them. */
export const standardHeaders: [name: string, value: string][] = [
  ['content-type', 'application/json'],
  ['vary', 'trpc-accept, accept'],
];

/** What makes the status and headers of one answer. A second try, after a failure, keeps the headers of the first. */
export function createHeadMaker({ responseMeta }: Exchange, info: TRPCRequestInfo, ctx: unknown) {
  let headers: Headers | null = null;

  return (data: TRPCResponse[], errors: TRPCError[]): Head => {
    const status = getHTTPStatusCode(data);
    const paths = info.calls.map(({ path }) => path);
    const meta = responseMeta?.({ ctx, info, paths, data, errors, eagerGeneration: false, type: info.type });
    if (meta?.headers) addHeaders((headers ??= new Headers(standardHeaders)), meta.headers);
    return { status: meta?.status || status, headers };
  };
}

function addHeaders(headers: Headers, added: Headers | Record<string, string | string[] | undefined>): void {
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
 * The status as fetch's `Response` takes it.
 *
 * @throws RangeError, TypeError on one that it does not take with a body, such as 204.
 */
export function toFetchStatus(status: number): number {
  const isUsual = status === 200 || status === 207 || (status >= 400 && status <= 599 && Number.isInteger(status));
  return isUsual ? status : new Response('', { status }).status;
}
