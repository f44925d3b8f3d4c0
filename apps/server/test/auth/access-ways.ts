import { appRouter, type RouterInputs } from '@holdfast/api';
import type { AnyProcedure } from '@trpc/server';
import { password, post } from '../fixture.ts';
import { findRoute, type Input, toRestRequest } from '../rest/requests.ts';

const procedures = Object.entries(appRouter._def.procedures as unknown as Record<string, AnyProcedure>).map(
  ([path, { _def }]) => ({ path, type: _def.type }),
);

export const pathsOf = (type: 'query' | 'mutation' | 'subscription') =>
  procedures.filter((one) => one.type === type).map(({ path }) => path);

/** A task in a list. */
export interface Target {
  id: string;
  listId: string;
}

export interface Case {
  toInput(target: Target): unknown;
  /** The status of the call with the task and the list of another user. */
  toOthers: 200 | 404;
}

const own = (toInput: Case['toInput']): Case => ({ toInput, toOthers: 200 });
const ofTarget = (toInput: Case['toInput']): Case => ({ toInput, toOthers: 404 });

/** An input with which each mutation succeeds for the owner of the task and the list, in this order. */
export const mutations: Record<string, Case> = {
  'task.create': own(() => ({ title: 'new' }) satisfies RouterInputs['task']['create']),
  'task.update': ofTarget(({ id }) => ({ id, title: 'changed' }) satisfies RouterInputs['task']['update']),
  'task.createMany': own(() => ({ items: [{ title: 'new' }] }) satisfies RouterInputs['task']['createMany']),
  'task.updateMany': ofTarget(
    ({ id }) => ({ ids: [id], set: { priority: 3 } }) satisfies RouterInputs['task']['updateMany'],
  ),
  'task.reorder': ofTarget(({ id, listId }) => ({ listId, ids: [id] }) satisfies RouterInputs['task']['reorder']),
  'task.deleteMany': ofTarget(({ id }) => ({ ids: [id] }) satisfies RouterInputs['task']['deleteMany']),
  'trash.restore': ofTarget(({ id }) => ({ ids: [id] }) satisfies RouterInputs['trash']['restore']),
  'label.rename': own(() => ({ from: 'secret', to: 'other' }) satisfies RouterInputs['label']['rename']),
  'list.create': own(() => ({ name: 'new' }) satisfies RouterInputs['list']['create']),
  'list.update': ofTarget(({ listId: id }) => ({ id, name: 'changed' }) satisfies RouterInputs['list']['update']),
  'list.delete': ofTarget(({ listId: id }) => ({ id }) satisfies RouterInputs['list']['delete']),
  'list.restore': ofTarget(({ listId: id }) => ({ id }) satisfies RouterInputs['list']['restore']),
  'task.delete': ofTarget(({ id }) => ({ id }) satisfies RouterInputs['task']['delete']),
  'trash.purge': own(({ id }) => ({ ids: [id] }) satisfies RouterInputs['trash']['purge']),
  'user.update': own(() => ({ timeZone: 'Asia/Tokyo' }) satisfies RouterInputs['user']['update']),
  'user.import': own(() => ({ tasks: [] }) satisfies RouterInputs['user']['import']),
  'calendar.create': own(() => ({}) satisfies RouterInputs['calendar']['create']),
  'calendar.revoke': own(() => ({}) satisfies RouterInputs['calendar']['revoke']),
  'user.delete': own(() => ({ password }) satisfies RouterInputs['user']['delete']),
};

/** Mutations that no API token can call. */
export const needsSession = (path: string) => path === 'user.delete' || path === 'calendar.create';

const noInput: Case = own(() => undefined);
const queryCases: Record<string, Case> = {
  'task.get': ofTarget(({ id }) => ({ id }) satisfies RouterInputs['task']['get']),
};

/** The same for queries. Those without an entry show only rows of the caller. */
export const queries: Record<string, Case> = Object.fromEntries(
  pathsOf('query').map((path) => [path, queryCases[path] ?? noInput]),
);

export type Headers = Record<string, string>;

export interface Outcome {
  status: number;
  text: string;
}

/** A way to call the procedures of a server. */
export interface Way {
  call(path: string, headers: Headers, input?: unknown): Promise<Outcome>;
  /** The status of a call that succeeds. */
  toStatus(path: string): number;
}

const toOutcome = async (response: Response) => ({ status: response.status, text: await response.text() });

/** Both ways to call a server. */
export function createWays(url: string) {
  const trpc: Way = {
    toStatus: () => 200,
    async call(path, headers, input) {
      if (path in mutations) return toOutcome(await post(`${url}/trpc/${path}`, input, headers));
      const query = input === undefined ? '' : `?input=${encodeURIComponent(JSON.stringify(input))}`;
      return toOutcome(await fetch(`${url}/trpc/${path}${query}`, { headers }));
    },
  };
  const rest: Way = {
    toStatus: (path) => findRoute(path).status,
    async call(path, headers, input = {}) {
      const { target, ...request } = toRestRequest(path, input as Input);
      return toOutcome(await fetch(url + target, { ...request, headers: { ...request.headers, ...headers } }));
    },
  };
  return { tRPC: trpc, REST: rest };
}

/** The status of the first event of the stream of changes that is an error, else 200. */
export async function watch(url: string, headers: Headers): Promise<number> {
  const end = new AbortController();
  const options = { headers: { ...headers, accept: 'text/event-stream' }, signal: end.signal };
  const { body } = await fetch(`${url}/trpc/changes.watch`, options);
  let text = '';
  for await (const chunk of body!.pipeThrough(new TextDecoderStream())) {
    text += chunk;
    const error = /"httpStatus":(\d+)/.exec(text);
    if (error === null && !text.includes('"tasks"')) continue;
    end.abort();
    return error === null ? 200 : Number(error[1]);
  }
  throw new Error(`The stream has ended: ${text}`);
}
