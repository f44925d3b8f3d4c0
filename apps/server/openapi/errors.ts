import { type TRPC_ERROR_CODE_KEY, TRPCError } from '@trpc/server';
import { getHTTPStatusCodeFromError } from '@trpc/server/http';
import type { RestRoute } from '../src/request/rest-routes.ts';
import { findRestInput } from '../src/rest/input.ts';
import { components, type JsonSchema, toRef, withDocs } from './schemas.ts';

type Code = TRPC_ERROR_CODE_KEY;

const descriptions: Partial<Record<Code, string>> = {
  BAD_REQUEST: 'The input, the JSON or a parameter is not valid. Change the request before you send it again.',
  UNAUTHORIZED: 'The token is missing or wrong, or has expired.',
  FORBIDDEN: 'The origin of the page is not trusted, or the token does not allow the call.',
  NOT_FOUND: 'The record does not exist, or belongs to another user.',
  CONFLICT: 'The record has another version, or another call has used the ID. `data.current` has the stored record.',
  METHOD_NOT_SUPPORTED: 'The path does not have the method. The header `allow` lists its methods.',
  PAYLOAD_TOO_LARGE: 'The body is larger than 256 KiB, or 1 MiB if it can have several tasks or lists.',
  UNSUPPORTED_MEDIA_TYPE: 'The body is compressed, or is not `application/json`.',
  TOO_MANY_REQUESTS: 'The rate limit is used up. The header `retry-after` says for how many seconds to wait.',
  CLIENT_CLOSED_REQUEST: 'The client has disconnected.',
  INTERNAL_SERVER_ERROR: 'Internal server error. Include the request ID when you report it.',
  SERVICE_UNAVAILABLE: 'The database cannot be reached. If `data.isRetryable` is true, nothing was applied.',
  GATEWAY_TIMEOUT: 'The server did not finish in time.',
};

/** Codes of requests that match no route, or whose client is gone. */
const notOfRoutes = new Set<Code>(['METHOD_NOT_SUPPORTED', 'CLIENT_CLOSED_REQUEST']);

const always: Code[] = [
  'BAD_REQUEST',
  'UNAUTHORIZED',
  'FORBIDDEN',
  'TOO_MANY_REQUESTS',
  'INTERNAL_SERVER_ERROR',
  'SERVICE_UNAVAILABLE',
  'GATEWAY_TIMEOUT',
];

/** The codes with which a call can fail, according to its route and the fields of its input. */
export function toCodes(
  { procedure, method }: Pick<RestRoute, 'procedure' | 'method'>,
  input: JsonSchema | null,
): Code[] {
  const fields = new Set(Object.keys(input?.properties ?? {}));
  const isWrite = method !== 'GET';
  const { versionField, keyField } = findRestInput(procedure) ?? {};
  const namesRecords = ['id', 'ids', 'listId', 'items', 'lists', 'from'].some((name) => fields.has(name));
  return [
    ...always,
    ...(namesRecords ? (['NOT_FOUND'] as const) : []),
    ...((versionField ?? keyField ?? (fields.has('items') ? 'items' : undefined)) ? (['CONFLICT'] as const) : []),
    ...(isWrite ? (['PAYLOAD_TOO_LARGE', 'UNSUPPORTED_MEDIA_TYPE'] as const) : []),
  ];
}

const toStatus = (code: Code) => String(getHTTPStatusCodeFromError(new TRPCError({ code })));

const toName = (code: Code) =>
  code
    .toLowerCase()
    .split('_')
    .map((word) => word[0]!.toUpperCase() + word.slice(1))
    .join('');

/** References to the responses of these codes, by status. */
export function toErrorResponses(codes: Code[]): Record<string, JsonSchema> {
  const entries = codes.map((code) => [toStatus(code), { $ref: `#/components/responses/${toName(code)}` }] as const);
  return Object.fromEntries(entries.toSorted(([one], [other]) => Number(one) - Number(other)));
}

const header = (description: string, schema: JsonSchema) => ({ description, schema });

/** All error responses, for the components. */
export function createErrorResponses(): Record<string, object> {
  addErrorSchemas();
  return Object.fromEntries(
    (Object.entries(descriptions) as [Code, string][])
      .filter(([code]) => !notOfRoutes.has(code))
      .map(([code, description]) => [
        toName(code),
        {
          description: `\`${code}\`: ${description}`,
          headers: {
            'x-request-id': header('ID of the request in the log of the server.', { type: 'string' }),
            ...(/MANY|UNAVAILABLE/.test(code) && {
              'retry-after': header('Seconds to wait before you send the request again.', {
                type: 'integer',
                minimum: 0,
              }),
            }),
          },
          content: { 'application/json': { schema: toRef('Error') } },
        },
      ]),
  );
}

const nullable = (...parts: JsonSchema[]): JsonSchema => ({ anyOf: [...parts, { type: 'null' }] });

function addErrorSchemas(): void {
  components['ValidationTree'] = withDocs(
    {
      type: 'object',
      properties: {
        errors: { type: 'array', items: { type: 'string' } },
        properties: { type: 'object', additionalProperties: toRef('ValidationTree') },
      },
      required: ['errors'],
    },
    'ValidationTree',
  );
  const data = withDocs(
    {
      type: 'object',
      properties: {
        code: { type: 'string', enum: Object.keys(descriptions) },
        httpStatus: { type: 'integer' },
        path: { type: ['string', 'null'] },
        requestId: { type: ['string', 'null'] },
        validation: nullable(toRef('ValidationTree')),
        retryAfterMs: { type: 'integer', minimum: 0 },
        isRetryable: { type: 'boolean', const: true },
        current: { anyOf: [toRef('Task'), toRef('List')] },
        ids: { type: 'array', items: { type: 'string', format: 'uuid' }, maxItems: 500 },
      },
      required: ['code', 'httpStatus', 'path', 'requestId', 'validation'],
    },
    'ErrorData',
  );
  components['ErrorData'] = data;
  const shape = withDocs(
    {
      type: 'object',
      properties: {
        code: { type: 'integer', description: 'Number of the error in JSON-RPC. Programs use `data.code`.' },
        message: { type: 'string' },
        data: toRef('ErrorData'),
      },
      required: ['code', 'message', 'data'],
    },
    'ErrorShape',
  );
  components['Error'] = { type: 'object', properties: { error: shape }, required: ['error'] };
}
