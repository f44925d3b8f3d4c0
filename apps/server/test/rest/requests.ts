import { findRestRoute, restBase, type RestRoute } from '../../src/request/rest-routes.ts';

export type Input = Record<string, unknown>;

interface RestRequest {
  method: string;
  /** Path with query. */
  target: string;
  headers: Record<string, string>;
  body: string | null;
}

export const findRoute = (procedure: string): RestRoute => findRestRoute(procedure)!;

const toSnakeCase = (name: string) => name.replaceAll(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);

function toParameters(input: Input, prefix = ''): [string, string][] {
  return Object.entries(input).flatMap(([name, value]) => {
    const at = prefix + toSnakeCase(name);
    if (typeof value === 'object' && value !== null) return toParameters(value as Input, `${at}_`);
    return [[at, String(value)] as [string, string]];
  });
}

/** The request of the REST view for a call: the ID in the path, the version and the key in headers. */
export function toRestRequest(procedure: string, input: Input): RestRequest {
  const { method, path } = findRoute(procedure);
  const rest = { ...input };
  const headers: Record<string, string> = {};
  const take = (name: string) => {
    const value = rest[name];
    delete rest[name];
    return value;
  };
  const id = path.includes('{id}') ? encodeURIComponent(String(take('id'))) : '';
  const version = take('ifVersion');
  if (version !== undefined) headers['if-match'] = `"${version as number}"`;
  const key = take('operationId');
  if (key !== undefined) headers['idempotency-key'] = key as string;
  const target = `${restBase}${path.replace('{id}', id)}`;
  if (method === 'GET' || method === 'DELETE') {
    const query = new URLSearchParams(toParameters(rest)).toString();
    return { method, target: query === '' ? target : `${target}?${query}`, headers, body: null };
  }
  return { method, target, headers: { ...headers, 'content-type': 'application/json' }, body: JSON.stringify(rest) };
}

export async function callRest(url: string, call: { procedure: string; input: Input }, token: string) {
  const { target, headers, ...request } = toRestRequest(call.procedure, call.input);
  return fetch(url + target, { ...request, headers: { ...headers, authorization: `Bearer ${token}` } });
}
