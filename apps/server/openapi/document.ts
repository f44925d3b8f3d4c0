import { readVersion } from '../src/telemetry/version.ts';
import { createCalendarPath } from './calendar.ts';
import { createErrorResponses } from './errors.ts';
import { createRestPaths, createRpcPaths, tags } from './operations.ts';
import { components } from './schemas.ts';
import { createSignInPaths } from './sign-in.ts';

const description = `Holdfast stores tasks, lists and labels of many users. New programs use the paths below \`/api/v1\`. The paths below
\`/trpc\` call the same procedures, for \`@holdfast/client\`.

## First call

Create an API token in the settings of the web app, and send it with each call:

\`\`\`sh
curl "$URL/api/v1/tasks?completed=false&limit=20" \\
  -H "authorization: Bearer $TOKEN"
curl "$URL/api/v1/tasks" --json '{ "title": "Water the plants" }' \\
  -H "authorization: Bearer $TOKEN"
\`\`\`

\`$URL\` is the address of this server. A token with the scope \`read\` calls only \`GET\`.
\`POST /api/auth/sign-in/email\` and \`GET /api/auth/token\` give a token for 15 minutes.

## Pages

A page ends with \`nextCursor\`. Send it as \`cursor\` to get the next page. Null means that the page is the last. Cursors belong to
the user, the filter and the order.

## Writes

- **Send a write again:** with the same \`Idempotency-Key\`, or the same \`id\` of a new record, a write is applied once.
- **Do not overwrite newer changes:** send the \`ETag\` of the record as \`If-Match\`. If the record has changed since, the call fails with
  409, and \`data.current\` is the record as it is now.
- A delete moves tasks and lists to the trash.

## Errors

An error is \`{ "error": { "message", "data": { "code", "httpStatus", "requestId", "validation", "isRetryable" } } }\`. If \`isRetryable\` is
true, nothing was applied, and you can send the same call again. Two limits apply to each user: calls per minute, and calls at a
time. Status 429 has the header \`retry-after\`. A body has at most 256 KiB, or 1 MiB if it can have several tasks or lists.

## Values

Times are ISO 8601 in UTC with milliseconds. Dates are \`YYYY-MM-DD\`. Texts are Unicode without NUL. Unknown fields and parameters are
refused.`;

const uuid = { type: 'string', format: 'uuid' };

/** The description of all routes as OpenAPI 3.1. */
export function createDocument(): object {
  const rest = createRestPaths();
  const rpc = createRpcPaths();
  const responses = createErrorResponses();
  return {
    openapi: '3.1.0',
    info: {
      title: 'Holdfast',
      version: readVersion(),
      description,
      license: { name: 'MIT', identifier: 'MIT' },
    },
    servers: [{ url: '/' }],
    security: [{ token: [] }, { jwt: [] }, { session: [] }, { cookie: [] }],
    tags: [
      ...Object.values(tags),
      {
        name: 'Sign-in',
        description: 'Accounts, sessions and API tokens. A server with another issuer has no such routes.',
      },
      { name: 'tRPC', description: 'The procedures by their names, as `@holdfast/client` calls them.' },
    ],
    paths: { ...rest, ...createCalendarPath(), ...createSignInPaths(), ...rpc },
    components: {
      schemas: Object.fromEntries(Object.entries(components).toSorted(([one], [other]) => (one < other ? -1 : 1))),
      responses,
      headers: {
        ETag: {
          description: 'Version of the record in quotes. Send it as `If-Match` with the next change.',
          schema: { type: 'string', examples: ['"3"'] },
        },
      },
      parameters: {
        IfMatch: {
          name: 'If-Match',
          in: 'header',
          description: 'ETag of the record. If the record has another version, the call fails with status 409.',
          schema: { type: 'string', examples: ['"3"'] },
        },
        IdempotencyKey: {
          name: 'Idempotency-Key',
          in: 'header',
          description: 'UUID for this write. The same request with the same key within 90 days is applied once.',
          schema: uuid,
        },
        NewIdempotencyKey: {
          name: 'Idempotency-Key',
          in: 'header',
          description: 'UUID for this write, which becomes the `id` of the new record. Send one of the two.',
          schema: uuid,
        },
      },
      securitySchemes: {
        token: {
          type: 'http',
          scheme: 'bearer',
          bearerFormat: 'hf_…',
          description: 'API token of a user, with the scope `read` or `write`.',
        },
        jwt: { type: 'http', scheme: 'bearer', bearerFormat: 'JWT', description: 'JWT, valid for 15 minutes.' },
        session: { type: 'http', scheme: 'bearer', description: 'Session token of the sign-in.' },
        cookie: {
          type: 'apiKey',
          in: 'cookie',
          name: 'holdfast.session_token',
          description: 'Session of a browser. With HTTPS, the name begins with `__Host-`.',
        },
      },
    },
  };
}
