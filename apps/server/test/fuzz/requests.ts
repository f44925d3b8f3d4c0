import { gzipSync } from 'node:zlib';
import * as fc from 'fast-check';
import { restRoutes } from '../../src/request/rest-routes.ts';
import { procedures } from '../../src/request/routes.ts';
import { contentTypes, credentials, hosts, oddHeader } from './headers.ts';
import { type Known, person, toInput } from './inputs.ts';
import { encodeTarget, headerText, rarely, text, value } from './values.ts';
import type { WireRequest } from './wire.ts';

const authRoutes =
  'account sign-in/email sign-in/social sign-up/email sign-out get-session list-sessions update-session revoke-session revoke-sessions revoke-other-sessions change-email change-password set-password reset-password reset-password/x request-password-reset forget-password verify-email send-verification-email verify-password update-user delete-user delete-user/callback link-social unlink-account list-accounts get-access-token refresh-token account-info callback/google callback/x token jwks ok error sign-jwt verify-jwt api-key/create'.split(
    ' ',
  );

/** A target as callers could write it: no spaces, line breaks or control characters, which end the request line. */
const rawTarget = fc
  .string({ unit: fc.integer({ min: 0x21, max: 0xff }).map((code) => String.fromCharCode(code)), maxLength: 40 })
  .map((rest) => `/${rest.replaceAll(/[\x7f-\xa0]/g, '%')}`);

const plainTargets = [
  '/',
  '/livez',
  '/readyz',
  '/metrics',
  '/openapi.json',
  '/docs',
  '/inbox',
  '/labels/home%2foffice',
  '/assets/app.js',
  '/assets/..%2fapp.js',
  '/index.html',
  '/trpc',
  '/trpc/',
  '/api/auth',
  '/api/auth/',
  '//',
  '/%',
  '*',
];

const oddQuery = fc.oneof(
  fc.constantFrom('?', '?batch', '?batch=2', '?input', '?input=%', '?input=%ff', '?x=1', '?input=1&input=2'),
  text.map((rest) => `?${encodeTarget(rest)}`),
);

const procedureName = rarely(fc.constantFrom(...procedures.keys()), text.map(encodeTarget));

/** Queries are called with GET, mutations with POST. */
const toMethod = (name: string) => (procedures.get(name) === 'mutation' ? 'POST' : 'GET');

interface Target {
  method: string;
  target: string;
  /** The input of a mutation. */
  input?: unknown;
}

const procedureTarget = (known: Known) =>
  procedureName.chain((name) =>
    fc.tuple(toInput(known, name), rarely(fc.constant(null), oddQuery)).map(([input, query]): Target => {
      const isQuery = toMethod(name) === 'GET' && input !== undefined;
      const usual = isQuery ? `?input=${encodeTarget(JSON.stringify(input))}` : '';
      return { method: toMethod(name), target: `/trpc/${name}${query ?? usual}`, input };
    }),
  );

const restMethods = fc.constantFrom('GET', 'POST', 'PATCH', 'DELETE');

/** Calls by REST: usually the right method, with parameters of a query in the path. */
const restTarget = (known: Known) =>
  fc.constantFrom(...restRoutes).chain(({ method: usual, path, procedure }) =>
    fc
      .tuple(toInput(known, procedure), rarely(fc.constant(usual), restMethods), rarely(fc.constant(null), oddQuery))
      .map(([input, method, query]): Target => {
        const fields = Object.entries(Object(input) as object);
        const id = String(fields.find(([name]) => name === 'id')?.[1] ?? '');
        const parameters = fields.map(([name, given]) => `${encodeTarget(name)}=${encodeTarget(String(given))}`);
        const hasQuery = method === 'GET' && parameters.length > 0;
        const target = `/api/v1${path.replace('{id}', encodeTarget(id))}`;
        return { method, target: target + (query ?? (hasQuery ? `?${parameters.join('&')}` : '')), input };
      }),
  );

const batchTarget = (known: Known) =>
  fc
    .oneof(
      fc.array(fc.constantFrom('task.list', 'task.get', 'user.me'), { minLength: 1, maxLength: 22 }),
      fc.array(fc.constantFrom('task.create', 'task.update', 'task.delete'), { minLength: 1, maxLength: 22 }),
      fc.array(procedureName, { minLength: 1, maxLength: 4 }),
    )
    .chain((names) =>
      fc.tuple(...names.map((name) => toInput(known, name))).map((inputs): Target => {
        const method = toMethod(names[0]!);
        const input = Object.fromEntries(inputs.entries());
        const query = method === 'GET' ? `&input=${encodeTarget(JSON.stringify(input))}` : '';
        return { method, target: `/trpc/${names.join(',')}?batch=1${query}`, input };
      }),
    );

const authTarget: fc.Arbitrary<Target> = fc
  .tuple(
    fc.constantFrom('GET', 'POST'),
    rarely(fc.constantFrom(...authRoutes), text.map(encodeTarget)),
    fc.option(person),
    rarely(fc.constant(''), text),
  )
  .map(([method, route, query, tail]) => {
    const parameters = Object.entries(query ?? {}).map(
      ([key, given]) => `${key}=${encodeTarget(typeof given === 'string' ? given : JSON.stringify(given))}`,
    );
    const search = parameters.length > 0 ? `?${parameters.join('&')}` : '';
    return { method, target: `/api/auth/${route}${encodeTarget(tail)}${search}` };
  });

function toTarget(known: Known): fc.Arbitrary<Target> {
  const other = fc.oneof(fc.constantFrom(...plainTargets), rawTarget).map((target) => ({ method: 'GET', target }));
  return fc.oneof(
    { weight: 5, arbitrary: procedureTarget(known) },
    { weight: 3, arbitrary: batchTarget(known) },
    { weight: 5, arbitrary: restTarget(known) },
    { weight: 5, arbitrary: authTarget },
    { weight: 1, arbitrary: other },
  );
}

const latin = (body: string) => Buffer.from(body, 'latin1');

const toJson = (content: unknown) => Buffer.from(JSON.stringify(content ?? null));

const oddBody = fc.oneof(
  value.map(toJson),
  fc.constantFrom(
    ...[
      '',
      '{',
      'null',
      '[',
      '"\\ud800"',
      '\xef\xbb\xbf{}',
      '\xff\xfe',
      '{"a":1}x',
      '{"__proto__":{"x":1}}',
      'x=1',
    ].map(latin),
    latin('['.repeat(20_000)),
    latin(`{"title":${'['.repeat(5_000)}${']'.repeat(5_000)}}`),
    gzipSync('{"title":"x"}'),
    gzipSync('['.repeat(2_000_000)),
  ),
  fc.uint8Array({ maxLength: 60 }).map((bytes) => Buffer.from(bytes)),
);

const methods = ['PUT', 'PATCH', 'DELETE', 'HEAD', 'OPTIONS', 'TRACE', 'PROPFIND', 'QUERY', 'PURGE', 'M-SEARCH'];

const header = (name: string, content: fc.Arbitrary<string>) =>
  content.map((given) => [name, given] as [string, string]);

/** Complete requests of any kind, most of them close to valid ones. */
export function toRequests(known: Known): fc.Arbitrary<WireRequest> {
  return fc
    .record({
      target: toTarget(known),
      method: rarely(fc.constant(null), fc.constantFrom(...methods)),
      host: header('host', rarely(fc.constant('x'), fc.oneof(fc.constantFrom(...hosts), headerText))),
      type: header('content-type', rarely(fc.constant('application/json'), fc.constantFrom(...contentTypes))),
      credential: rarely(fc.constantFrom(...credentials), oddHeader),
      address: header('x-forwarded-for', fc.ipV4()),
      odd: fc.array(oddHeader, { maxLength: 2, size: 'xsmall' }),
      fields: person,
      oddBody: rarely(fc.constant(null), oddBody),
    })
    .map(({ target: { method: usual, target, input }, method: odd, fields, oddBody: bytes, ...rest }) => {
      const method = odd ?? usual;
      const body = bytes ?? toJson(/^\/(?:trpc|api\/v1)/.test(target) ? input : fields);
      // A body of a GET or HEAD is allowed, and unusual.
      const hasBody = method === 'POST' || method === 'PATCH' || body.length % 11 === 1;
      const headers = [rest.host, rest.type, rest.credential, rest.address, ...rest.odd];
      return { method, target, headers, body: hasBody ? body : null };
    });
}

/** Calls of the account that reach the database, most of them valid. */
export function toCalls(known: Known): fc.Arbitrary<WireRequest> {
  return procedureTarget(known).map(({ method, target, input }) => ({
    method,
    target,
    headers: toCallHeaders(),
    body: method === 'POST' ? toJson(input) : null,
  }));
}

export const toCallHeaders = (): WireRequest['headers'] => [
  ['host', 'x'],
  ['content-type', 'application/json'],
  ['authorization', 'Bearer {jwt}'],
];
