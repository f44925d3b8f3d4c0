import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { AuthStore, Database } from '@holdfast/db';
import { inOperation } from '@holdfast/operation';
import type { AnyProcedure } from '@trpc/server';
import { createHTTPHandler } from '@trpc/server/adapters/standalone';
import { appRouter, type Caller, createContext, type ErrorShape } from '../src/index.ts';
import { atEnd, toAccount } from './fixture.ts';

/** Every procedure with one response, by its path. Streams need a server, whose tests are in apps/server/test/live. */
export const procedures = Object.fromEntries(
  Object.entries(appRouter._def.procedures as unknown as Record<string, AnyProcedure>).filter(
    ([, { _def }]) => _def.type !== 'subscription',
  ),
);

export const requestId = 'request-1';

/** A response over HTTP: either `data` or `error`. */
export interface Result {
  status: number;
  data?: unknown;
  error?: ErrorShape;
  /** The whole body. */
  text: string;
}

export interface Server {
  base: string;
  /** Calls a procedure as a client does: a query with GET, a mutation with POST. */
  call(caller: Caller | null, path: string, input?: unknown): Promise<Result>;
  /** Sends any request to a path below `/`. */
  send(caller: Caller | null, path: string, init?: RequestInit): Promise<Result>;
}

/** Serves the router with tRPC's HTTP handler on a free local port. @param store Needed for `user.delete`. */
export async function openServer(db: Database, store?: AuthStore): Promise<Server> {
  const callers = new Map<string, Caller>();
  const handle = createHTTPHandler({
    router: appRouter,
    createContext: ({ req, info: { calls } }) => {
      const caller = callers.get(String(req.headers['x-caller'])) ?? null;
      const openAccount = store && (() => toAccount(store, caller));
      return createContext({ db, caller, calls: calls.length, openAccount });
    },
  });
  const server = createServer((request, response) => {
    inOperation({ requestId }, () => handle(request, response));
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  atEnd(async () => {
    server.closeAllConnections();
    server.close();
  });
  const base = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;

  const send: Server['send'] = async (caller, path, init = {}) => {
    const headers = new Headers(init.headers);
    if (caller !== null) {
      callers.set(caller.userId, caller);
      headers.set('x-caller', caller.userId);
    }
    const response = await fetch(`${base}/${path}`, { ...init, headers });
    const text = await response.text();
    const body = JSON.parse(text) as { result?: { data: unknown }; error?: ErrorShape };
    return { status: response.status, text, ...body.result, ...(body.error && { error: body.error }) };
  };
  const call: Server['call'] = (caller, path, input) => {
    const json = JSON.stringify(input);
    if (procedures[path]?._def.type === 'mutation') return send(caller, path, post(json));
    return send(caller, input === undefined ? path : `${path}?input=${encodeURIComponent(json)}`);
  };
  return { base, call, send };
}

export function post(body: string, type = 'application/json'): RequestInit {
  return { method: 'POST', headers: { 'content-type': type }, body };
}
