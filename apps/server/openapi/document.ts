import { readVersion } from '../src/telemetry/version.ts';
import { createErrorResponses } from './errors.ts';
import { createRestPaths, createRpcPaths, tags } from './operations.ts';
import { components } from './schemas.ts';
import { createSignInPaths } from './sign-in.ts';

const description = `Holdfast stores tasks, lists and labels of many users.

Send a token with each call: \`authorization: Bearer <token>\`. A user creates a personal access token (\`hf_…\`) for a script
in the settings of the web app. \`POST /api/auth/sign-in/email\` and \`GET /api/auth/token\` give a token for 15 minutes.

- The paths below \`/api/v1\` and \`/trpc\` call the same procedures. New programs use \`/api/v1\`.
- Times are ISO 8601 in UTC. A \`nextCursor\` of null means that a page is the last.
- Two limits apply to each user: calls per minute, and calls at a time. Status 429 has the header \`retry-after\`.
- A body has at most 1 MiB.`;

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
    paths: { ...rest, ...createSignInPaths(), ...rpc },
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
          description: 'Personal access token with the scope `read` or `write`.',
        },
        jwt: { type: 'http', scheme: 'bearer', bearerFormat: 'JWT', description: 'API token, valid for 15 minutes.' },
        session: { type: 'http', scheme: 'bearer', description: 'Session token of the sign-in.' },
        cookie: {
          type: 'apiKey',
          in: 'cookie',
          name: 'better-auth.session_token',
          description: 'Session of a browser. With HTTPS, the name begins with `__Host-`.',
        },
      },
    },
  };
}
