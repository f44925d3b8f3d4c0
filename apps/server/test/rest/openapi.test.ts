import { readFile } from 'node:fs/promises';
import { createOneTimeCode } from '@holdfast/db/testing';
import ajvFormats from 'ajv-formats';
import { Ajv2020 } from 'ajv/dist/2020.js';
import { expect, test } from 'vitest';
import { signInRoutes } from '../../openapi/sign-in.ts';
import { restRoutes } from '../../src/request/rest-routes.ts';
import { procedures } from '../../src/request/routes.ts';
import { openServer, password, post, signUp } from '../fixture.ts';
import { findRoute, toRestRequest, type Input } from './requests.ts';

interface Operation {
  operationId: string;
  security?: unknown;
  responses: Record<string, { $ref?: string }>;
}

interface Document {
  openapi: string;
  components: { securitySchemes: { cookie: { name: string } } };
  paths: Record<string, Record<string, Operation>>;
}

const path = new URL('../../src/openapi/openapi.json', import.meta.url);
const document = JSON.parse(await readFile(path, 'utf8')) as Document;
const ajv = ajvFormats.default(new Ajv2020({ strict: false }));
ajv.addSchema({ $id: 'api', ...document });

const { url } = await openServer({ RATE_LIMIT_PER_MINUTE: '0' });
const { jwt, session, cookie } = await signUp(url, 'ada@example.org');

const escape = (part: string) => encodeURIComponent(part.replaceAll('~', '~0').replaceAll('/', '~1'));

/** The checked responses. */
const checked: string[] = [];

/** Checks a response against the document: its status and its body. */
async function expectDocumented(response: Response, route: string, method: string): Promise<unknown> {
  const { responses } = document.paths[route]![method.toLowerCase()]!;
  const { status } = response;
  const documented = responses[status];
  expect(documented, `${method} ${route} ${status}`).toBeDefined();
  const at = documented!.$ref?.slice(1) ?? `/paths/${escape(route)}/${method.toLowerCase()}/responses/${status}`;
  const validate = ajv.getSchema(`api#${at}/content/application~1json/schema`)!;
  const body: unknown = await response.json();
  const isValid = validate(body) as boolean;
  expect(isValid ? null : validate.errors, `${method} ${route} ${status} ${JSON.stringify(body)}`).toBeNull();
  checked.push(`${method} ${route} ${status}`);
  return body;
}

async function call(procedure: string, input: Input = {}, headers: Record<string, string> = {}): Promise<unknown> {
  const { method, path: template } = findRoute(procedure);
  const { target, headers: own, ...request } = toRestRequest(procedure, input);
  const sent = { authorization: `Bearer ${jwt}`, ...own, ...headers };
  return expectDocumented(await fetch(url + target, { ...request, headers: sent }), `/api/v1${template}`, method);
}

test('the document is served with an etag, compressed if the client accepts it, to pages of all origins', async () => {
  const accepted = { origin: 'https://docs.example.org', 'accept-encoding': 'gzip, br' };
  const response = await fetch(`${url}/openapi.json`, { headers: accepted });
  expect(await response.json()).toEqual(document);
  expect(Object.fromEntries(response.headers)).toMatchObject({
    'content-type': 'application/json; charset=utf-8',
    'content-encoding': 'br',
    'access-control-allow-origin': '*',
    vary: 'accept-encoding',
  });
  // Without the second header, fetch asks for the whole response.
  const headers = { ...accepted, 'cache-control': 'max-age=0', 'if-none-match': response.headers.get('etag')! };
  expect((await fetch(`${url}/openapi.json`, { headers })).status).toBe(304);
  const plain = await fetch(`${url}/openapi.json`, { headers: { 'accept-encoding': 'identity' } });
  expect([plain.headers.get('content-encoding'), await plain.json()]).toEqual([null, document]);
});

test('the document has every procedure, every REST route, every sign-in route and the calendar', () => {
  const listed = Object.entries(document.paths).flatMap(([route, methods]) =>
    Object.keys(methods).map((method) => `${method.toUpperCase()} ${route}`),
  );
  const expected = [
    ...restRoutes.map(({ method, path: route }) => `${method} /api/v1${route}`),
    'GET /calendar/{secret}.ics',
    ...Object.keys(signInRoutes).map((route) => route.replace(' ', ' /api/auth/')),
    ...[...procedures].map(([name, type]) => `${type === 'mutation' ? 'POST' : 'GET'} /trpc/${name}`),
  ];
  expect(listed.toSorted()).toEqual(expected.toSorted());
});

test('the document has the name of the session cookie', () => {
  expect(cookie.split('=')[0]).toBe(document.components.securitySchemes.cookie.name);
});

test('every sign-in route of the document exists, and refuses other methods', async () => {
  for (const route of Object.keys(signInRoutes)) {
    const [method, name] = route.split(' ') as [string, string];
    const other = await fetch(`${url}/api/auth/${name}`, { method: method === 'GET' ? 'POST' : 'GET' });
    expect([other.status, other.headers.get('allow')], route).toEqual([405, method === 'GET' ? 'GET, HEAD' : 'POST']);
  }
});

test('responses of the REST view have the documented statuses and bodies', async () => {
  const list = (await call('list.create', { name: 'Household', color: '#2563eb' })) as { id: string };
  const due = { date: '2027-06-01', time: '09:00', timeZone: 'Europe/Berlin' };
  const task = (await call('task.create', { title: 'Water', listId: list.id, due, labels: ['home'] })) as {
    id: string;
  };
  await call('task.list', { completed: false, due: { from: '2027-01-01' } });
  await call('task.get', { id: task.id });
  await call('task.get', { id: list.id });
  await call('task.get', { id: 'no-uuid' });
  await call('task.update', { id: task.id, title: 'Water it', ifVersion: 1 });
  await call('task.update', { id: task.id, title: 'Stale', ifVersion: 1 });
  await call('task.update', { id: task.id, title: 'x' }, { 'content-type': 'text/plain' });
  await call('task.create', { title: 'x'.repeat(1024 * 1024) });
  await call('task.deleteMany', { ids: [list.id] });
  await call('task.count');
  await call('label.list');
  await call('list.list');
  await call('changes.list');
  await call('user.me');
  await call('user.me', {}, { authorization: 'Bearer wrong' });
  await call('calendar.create');
  await call('calendar.get');
  await call('calendar.revoke');
  await call('user.export');
  await call('user.import', { tasks: [{ id: list.id, title: 'Imported' }] });
  await call('task.delete', { id: task.id });
  await call('trash.list');
  await call('trash.purge', { ids: [task.id] });
  expect(checked).toEqual(
    expect.arrayContaining([
      'POST /api/v1/tasks 201',
      'GET /api/v1/tasks/{id} 404',
      'PATCH /api/v1/tasks/{id} 409',
      'PATCH /api/v1/tasks/{id} 415',
      'POST /api/v1/tasks 413',
      'GET /api/v1/user 401',
    ]),
  );
});

test('responses of the sign-in routes have the documented statuses and bodies', async () => {
  const headers = { authorization: `Bearer ${session}` };
  const send = (route: string, body: object, own: Record<string, string> = headers) =>
    post(`${url}/api/auth/${route}`, body, own).then((response) =>
      expectDocumented(response, `/api/auth/${route}`, 'POST'),
    );
  const read = (route: string) =>
    fetch(`${url}/api/auth/${route}`, { headers }).then((response) =>
      expectDocumented(response, `/api/auth/${route}`, 'GET'),
    );
  await send('sign-up/email', { name: 'Bob', email: 'bob@example.org', password }, {});
  await send('sign-up/email', { name: 'Bob', email: 'bob@example.org', password }, {});
  await send('sign-up/email', { name: 'Bob', email: 'eve@example.org', password: 'short' }, {});
  const { token } = (await send('sign-in/email', { email: 'bob@example.org', password }, {})) as { token: string };
  await send('sign-in/email', { email: 'bob@example.org', password: 'wrong horse' }, {});
  for (const route of ['token', 'get-session', 'list-sessions', 'account', 'jwks', 'ok', 'list-tokens'])
    await read(route);
  await send('update-user', { name: 'Ada L.' });
  await send('change-password', { currentPassword: password, newPassword: 'better horse' });
  await send('request-password-reset', { email: 'ada@example.org' }, {});
  await send('send-verification-email', {});
  await send('change-email', { newEmail: 'ada2@example.org', password: 'better horse' });
  await send('verify-email', { token: 'x' }, {});
  await send('reset-password', { token: 'x', newPassword: 'better horse' }, {});
  await send('revoke-other-sessions', {});
  const bob = { authorization: `Bearer ${token}` };
  await send('revoke-session', { id: '01975d4e-2c4f-7a01-8b7e-5d9f0a3c6b22' }, bob);
  const created = (await send('create-token', { name: 'Backup', scope: 'read' }, bob)) as { id: string; token: string };
  await call('task.list', {}, { authorization: `Bearer ${created.token}` });
  await call('task.create', { title: 'x' }, { authorization: `Bearer ${created.token}` });
  await send('revoke-token', { id: created.id }, bob);
  const { totpURI } = (await send('two-factor/enable', { password }, bob)) as { totpURI: string };
  const code = () => createOneTimeCode(new URL(totpURI).searchParams.get('secret')!);
  await send('two-factor/confirm', { code: code() }, bob);
  const codes = (await send('two-factor/generate-backup-codes', { password }, bob)) as { backupCodes: string[] };
  for (const [path, given] of [
    ['verify-totp', code()],
    ['verify-backup-code', codes.backupCodes[0]],
  ]) {
    const refused = await send('sign-in/email', { email: 'bob@example.org', password }, {});
    const { challenge } = refused as { challenge: string };
    await send(`two-factor/${path}`, { challenge, code: given }, {});
  }
  await send('two-factor/disable', { password }, bob);
  await send('revoke-sessions', {}, bob);
  await send('sign-out', {});
  const succeeded = new Set(checked.map((each) => each.replace(' /api/auth/', ' ')));
  // These two need a link from a mail.
  expect(Object.keys(signInRoutes).filter((route) => !succeeded.has(`${route} 200`))).toEqual([
    'POST verify-email',
    'POST reset-password',
  ]);
});
