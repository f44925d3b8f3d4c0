import { appRouter } from '@holdfast/api';
import { TRPCError } from '@trpc/server';
import type { Request } from 'express';
import { z } from 'zod';
import { toQuery } from '../request/query.ts';
import { findParameterError } from '../request/refused-requests.ts';
import { findRestRoute, type RestRoute } from '../request/rest-routes.ts';

/** A JSON schema, as far as parameters need it. */
interface JsonSchema {
  type?: string | string[];
  properties?: Record<string, JsonSchema>;
  anyOf?: JsonSchema[];
}

/** A field of an input that a query parameter or a header can set. */
export interface Parameter {
  /** Names from the input down to the field. */
  path: string[];
  types: ReadonlySet<string>;
}

export interface RestInput {
  /** Whether the procedure has an input. */
  hasInput: boolean;
  /** The fields for query parameters by their names, such as `due_from` for `due.from`. Empty for a route with a body. */
  parameters: ReadonlyMap<string, Parameter>;
  /** The field for `If-Match`. */
  versionField: string | undefined;
  /** The field for `Idempotency-Key`. A new record has its own ID as the key. */
  keyField: string | undefined;
}

/** The JSON schema of a procedure's input. The schema of the procedure hides it, because it has other messages. */
function toInputSchema(procedure: string): JsonSchema {
  const procedures = appRouter._def.procedures as unknown as Record<string, { _def: { inputs: [z.ZodType] } }>;
  const schema = Object.getPrototypeOf(procedures[procedure]!._def.inputs[0]) as z.ZodType;
  return z.toJSONSchema(schema, { io: 'input', unrepresentable: 'any' }) as JsonSchema;
}

const toSnakeCase = (name: string) => name.replaceAll(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);

function toTypes({ type = [], anyOf = [] }: JsonSchema): Set<string> {
  return new Set([type, ...anyOf.map((part) => [...toTypes(part)])].flat());
}

function toParameters(schema: JsonSchema, path: string[] = []): [string, Parameter][] {
  return Object.entries(schema.properties ?? {}).flatMap(([name, field]) => {
    const at = [...path, name];
    if (field.properties !== undefined) return toParameters(field, at);
    return [[at.map(toSnakeCase).join('_'), { path: at, types: toTypes(field) }]];
  });
}

function toRestInput({ method, path, procedure, status }: RestRoute): RestInput {
  const { properties, ...schema } = toInputSchema(procedure);
  // Only a library for apps sends the direction.
  const { direction: _, ...fields } = properties ?? {};
  const { id, ifVersion, operationId, ...others } = fields;
  const hasKey = operationId !== undefined || (status === 201 && id !== undefined);
  const isQuery = method === 'GET' || method === 'DELETE';
  return {
    hasInput: schema.type !== undefined,
    parameters: new Map(isQuery ? toParameters({ properties: path.includes('{id}') ? others : fields }) : []),
    versionField: ifVersion && 'ifVersion',
    keyField: hasKey ? (operationId ? 'operationId' : 'id') : undefined,
  };
}

/** By procedure. The schemas of all take several milliseconds, so the first call of each creates its own. */
const inputs = new Map<string, RestInput>();

/** What the route of a procedure accepts. Undefined for the stream, which has no route. */
export function findRestInput(procedure: string): RestInput | undefined {
  const route = findRestRoute(procedure);
  if (route !== undefined && !inputs.has(procedure)) inputs.set(procedure, toRestInput(route));
  return inputs.get(procedure);
}

export interface InputSource {
  procedure: string;
  /** The ID in the path. */
  id: string | undefined;
  req: Pick<Request, 'headers' | 'url'>;
}

/** Creates the input of a call from its path, query parameters, headers and body. @throws TRPCError BAD_REQUEST */
export function toInput({ procedure, id, req }: InputSource, body: unknown): unknown {
  const { hasInput, parameters, versionField, keyField } = findRestInput(procedure)!;
  const { 'if-match': ifMatch, 'idempotency-key': key } = req.headers;
  if (versionField === undefined && ifMatch !== undefined) throw toNoEffect('If-Match');
  if (keyField === undefined && key !== undefined) throw toNoEffect('Idempotency-Key');
  const given: [string, unknown][] = [
    ...(id === undefined ? [] : [['id', id] as [string, unknown]]),
    ...(versionField && ifMatch !== undefined ? toVersion(versionField, ifMatch) : []),
    ...(keyField && key !== undefined ? [[keyField, String(key).replace(/^"(.*)"$/, '$1')] as [string, unknown]] : []),
  ];
  const input = readQuery(toQuery(req.url), parameters);
  // The schema refuses a body of another type.
  if (body !== undefined && !isRecord(body)) return body;
  for (const [name, value] of Object.entries(body ?? {})) set(input, name, value);
  for (const [name, value] of given) {
    if (Object.hasOwn(input, name)) throw toBadRequest(`The input has ${name} twice. Send it once.`);
    set(input, name, value);
  }
  return hasInput || Object.keys(input).length > 0 ? input : undefined;
}

/** The name can be `__proto__`, which an assignment would not create. The schema refuses it. */
function set(target: Record<string, unknown>, name: string, value: unknown): void {
  Object.defineProperty(target, name, { value, enumerable: true, configurable: true, writable: true });
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function readQuery(query: URLSearchParams, parameters: RestInput['parameters']): Record<string, unknown> {
  const input: Record<string, unknown> = {};
  const unknown = [...query.keys()].filter((name) => !parameters.has(name));
  const advice = parameters.size > 0 ? 'See /openapi.json for the parameters.' : 'This route has none.';
  const error = findParameterError(unknown, advice);
  if (error !== null) throw error;
  for (const [name, text] of query) {
    const { path, types } = parameters.get(name)!;
    const parent = path.slice(0, -1).reduce((at, part) => (at[part] ??= {}) as Record<string, unknown>, input);
    const field = path.at(-1)!;
    if (Object.hasOwn(parent, field)) throw toBadRequest(`The parameter ${name} is there twice. Send it once.`);
    parent[field] = toValue(text, types);
  }
  return input;
}

/** Text that is not of the type stays a text, so that the schema refuses it with its own message. */
function toValue(text: string, types: ReadonlySet<string>): unknown {
  if (types.has('null') && text === 'null') return null;
  if (types.has('boolean') && (text === 'true' || text === 'false')) return text === 'true';
  if ((types.has('integer') || types.has('number')) && /^-?\d{1,15}$/.test(text)) return Number(text);
  return text;
}

/** The entity tag of a record is its version. Some proxies make it a weak one. `*` stands for any version. */
function toVersion(field: string, ifMatch: string): [string, unknown][] {
  if (ifMatch === '*') return [];
  const version = /^(?:W\/)?"(\d{1,15})"$/.exec(ifMatch)?.[1];
  if (version === undefined) throw toBadRequest('If-Match is no version. Send the ETag of the record, such as "3".');
  return [[field, Number(version)]];
}

function toNoEffect(header: string): TRPCError {
  return toBadRequest(`${header} has no effect on this route. Remove the header.`);
}

function toBadRequest(message: string): TRPCError {
  return new TRPCError({ code: 'BAD_REQUEST', message });
}
