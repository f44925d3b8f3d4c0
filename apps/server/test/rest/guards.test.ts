import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { request } from 'node:http';
import { expect, test } from 'vitest';
import { openFaultProxyTo, openDatabaseUrl, openServer, signUp } from '../fixture.ts';

const { url, log } = await openServer({ TRUSTED_ORIGINS: 'https://app.example.org' });
const { id: userId, jwt, cookie } = await signUp(url, 'ada@example.org');
const bearer = { authorization: `Bearer ${jwt}` };
const json = { 'content-type': 'application/json' };

interface Task {
  id: string;
  title: string;
  version: number;
}

interface SendOptions {
  body?: string | Buffer;
  headers?: Record<string, string>;
}

const send = (method: string, path: string, options: SendOptions = {}) =>
  fetch(`${url}/api/v1${path}`, { method, ...options, headers: { ...bearer, ...json, ...options.headers } });

async function create(title: string): Promise<Task> {
  const response = await send('POST', '/tasks', { body: JSON.stringify({ title }) });
  expect(response.status).toBe(201);
  return (await response.json()) as Task;
}

const toFailure = async (response: Response) => {
  const { error } = (await response.json()) as { error: { message: string; data: { code: string; path: string } } };
  return [response.status, error.data.code, error.message];
};

test('a record has its version as ETag, and If-Match with an older version is CONFLICT with the current record', async () => {
  const task = await create('one');
  const path = `/tasks/${task.id}`;
  const changed = await send('PATCH', path, { body: '{"title":"two"}', headers: { 'if-match': '"1"' } });
  expect([changed.status, changed.headers.get('etag')]).toEqual([200, '"2"']);
  const read = await send('GET', path);
  expect([read.headers.get('etag'), await read.json()]).toEqual(['"2"', await changed.json()]);
  for (const method of ['PATCH', 'DELETE']) {
    const refused = await send(method, path, {
      headers: { 'if-match': 'W/"1"' },
      ...(method === 'PATCH' && { body: '{"title":"three"}' }),
    });
    const { error } = (await refused.json()) as { error: { data: { code: string; current: Task } } };
    expect([refused.status, error.data.code, error.data.current.title]).toEqual([409, 'CONFLICT', 'two']);
  }
  expect((await send('DELETE', path, { headers: { 'if-match': '*' } })).status).toBe(200);
});

test('an If-Match that is no version is BAD_REQUEST', async () => {
  const { id } = await create('one');
  for (const tag of ['1', '"x"', '"1", "2"', '']) {
    const response = await send('PATCH', `/tasks/${id}`, { body: '{}', headers: { 'if-match': tag } });
    expect(await toFailure(response)).toEqual([
      400,
      'BAD_REQUEST',
      'If-Match is no version. Send the ETag of the record, such as "3".',
    ]);
  }
});

test('a create or an update with the same Idempotency-Key is applied once', async () => {
  const key = randomUUID();
  for (const header of [key, `"${key}"`]) {
    const response = await send('POST', '/tasks', { body: '{"title":"once"}', headers: { 'idempotency-key': header } });
    expect([response.status, ((await response.json()) as Task).id]).toEqual([201, key]);
  }
  const again = { body: '{"title":"twice"}', headers: { 'idempotency-key': randomUUID() } };
  await send('PATCH', `/tasks/${key}`, again);
  await send('PATCH', `/tasks/${key}`, { body: '{"title":"thrice"}' });
  const replayed = await send('PATCH', `/tasks/${key}`, again);
  expect(await replayed.json()).toMatchObject({ title: 'thrice', version: 3 });
});

test.each([
  ['GET', '/tasks?done=true', undefined, 'Unknown parameter: "done". See /openapi.json for the parameters.'],
  ['GET', '/lists?limit=1', undefined, 'Unknown parameter: "limit". This route has none.'],
  ['GET', '/user?x=1', undefined, 'Unknown parameter: "x". This route has none.'],
  ['GET', '/tasks?limit=1&limit=2', undefined, 'The parameter limit is there twice. Send it once.'],
  ['GET', '/tasks?limit=1?&done=true', undefined, 'Unknown parameter: "done". See /openapi.json for the parameters.'],
  ['GET', '/tasks?__proto__=1', undefined, 'Unknown parameter: "__proto__". See /openapi.json for the parameters.'],
  ['POST', '/tasks?title=x', '{}', 'Unknown parameter: "title". This route has none.'],
  ['POST', '/tasks', '{"title":"x","__proto__":{"id":"x"}}', 'Unrecognized key: "__proto__"'],
  ['POST', '/tasks', '[]', 'must be an object'],
  ['POST', '/tasks', '{"title"', 'The request is not valid JSON.'],
  ['PATCH', `/tasks/${randomUUID()}`, `{"id":"${randomUUID()}"}`, 'The input has id twice. Send it once.'],
  ['GET', '/tasks/%', undefined, 'id: must be a UUID'],
])('%s %s with the body %s is BAD_REQUEST', async (method, path, body, message) => {
  const response = await send(method, path, body === undefined ? {} : { body });
  expect(await toFailure(response)).toEqual([400, 'BAD_REQUEST', message]);
});

test('a parameter contains all that follows a second question mark', async () => {
  const title = `Really? ${randomUUID()}`;
  const { id } = await create(title);
  const response = await send('GET', `/tasks?search=${title.replace(' ', '+')}`);
  expect(await response.json()).toMatchObject({ items: [{ id }] });
  const other = await send('GET', `/tasks?search=Really?+${randomUUID()}`);
  expect(await other.json()).toMatchObject({ items: [] });
});

test('headers that have no effect on a route are BAD_REQUEST', async () => {
  const headers = { 'idempotency-key': randomUUID() };
  const response = await send('POST', '/tasks/create-many', { body: '{"items":[{"title":"x"}]}', headers });
  expect(await toFailure(response)).toEqual([
    400,
    'BAD_REQUEST',
    'Idempotency-Key has no effect on this route. Remove the header.',
  ]);
  const list = await send('GET', '/tasks', { headers: { 'if-match': '"1"' } });
  expect((await toFailure(list))[2]).toBe('If-Match has no effect on this route. Remove the header.');
});

test('unknown paths are NOT_FOUND, and other methods METHOD_NOT_SUPPORTED with the allowed ones', async () => {
  for (const path of [
    '',
    '/',
    '/task',
    '/tasks/',
    '/TASKS',
    '/tasks/{id}/x',
    '/lists/1/restore/x',
    '//tasks',
    '/tasks/%7Bid%7D/',
  ]) {
    expect((await toFailure(await send('GET', path))).slice(0, 2), path).toEqual([404, 'NOT_FOUND']);
  }
  const refused = await send('PUT', `/tasks/${randomUUID()}`, { body: '{}' });
  expect([refused.headers.get('allow'), ...(await toFailure(refused))]).toEqual([
    'GET, HEAD, PATCH, DELETE',
    405,
    'METHOD_NOT_SUPPORTED',
    'Method not supported. Use GET, HEAD, PATCH, DELETE.',
  ]);
});

test('bodies that are not JSON, too large, or not expected are refused', async () => {
  const text = await send('POST', '/tasks', { body: '{"title":"x"}', headers: { 'content-type': 'text/plain' } });
  expect((await toFailure(text)).slice(0, 2)).toEqual([415, 'UNSUPPORTED_MEDIA_TYPE']);
  const large = await send('POST', '/tasks', { body: JSON.stringify({ title: 'x'.repeat(1024 * 1024) }) });
  expect((await toFailure(large)).slice(0, 2)).toEqual([413, 'PAYLOAD_TOO_LARGE']);
  const invalid = await send('POST', '/tasks', { body: Buffer.from('{"title":"\xff"}', 'latin1') });
  expect(await toFailure(invalid)).toEqual([400, 'BAD_REQUEST', 'The body must be text in UTF-8.']);
  const unexpected = await send('DELETE', `/tasks/${randomUUID()}`, { body: '{}' });
  expect((await toFailure(unexpected)).slice(0, 2)).toEqual([413, 'PAYLOAD_TOO_LARGE']);
});

test('a write without a body needs no content type if it has a token', async () => {
  const response = await fetch(`${url}/api/v1/lists/${randomUUID()}/restore`, { method: 'POST', headers: bearer });
  expect((await toFailure(response)).slice(0, 2)).toEqual([404, 'NOT_FOUND']);
});

test('a page of another site can neither write with the cookie nor send a form with it', async () => {
  const { id } = await create('mine');
  const foreign = { authorization: '', cookie, origin: 'https://evil.example' };
  const withCookie = (method: string, path: string, headers: Record<string, string>) => {
    const { authorization: _, ...others } = { ...foreign, ...headers };
    return fetch(`${url}/api/v1${path}`, { method, headers: others, ...(method === 'DELETE' ? {} : { body: '{}' }) });
  };
  expect((await toFailure(await withCookie('DELETE', `/tasks/${id}`, {}))).slice(0, 2)).toEqual([403, 'FORBIDDEN']);
  expect((await toFailure(await withCookie('PATCH', `/tasks/${id}`, json))).slice(0, 2)).toEqual([403, 'FORBIDDEN']);
  const { origin: _, authorization: __, ...noOrigin } = foreign;
  const form = await fetch(`${url}/api/v1/lists/${id}/restore`, { method: 'POST', headers: noOrigin });
  expect((await toFailure(form)).slice(0, 2)).toEqual([415, 'UNSUPPORTED_MEDIA_TYPE']);
  const own = await fetch(`${url}/api/v1/tasks/${id}`, { method: 'DELETE', headers: { cookie, origin: url } });
  expect(own.status).toBe(200);
});

test('trusted origins may send every method of the REST view and read the ETag', async () => {
  const preflight = await fetch(`${url}/api/v1/tasks/${randomUUID()}`, {
    method: 'OPTIONS',
    headers: { origin: 'https://app.example.org', 'access-control-request-method': 'PATCH' },
  });
  expect(preflight.headers.get('access-control-allow-methods')).toBe('GET,POST,PATCH,DELETE');
  const read = await send('GET', '/tasks', { headers: { origin: 'https://app.example.org' } });
  expect(read.headers.get('access-control-expose-headers')).toContain('etag');
  expect(read.headers.get('vary')).toContain('origin');
});

test('a call without a token, or with a wrong one, is UNAUTHORIZED', async () => {
  for (const headers of [{}, { authorization: 'Bearer wrong' }]) {
    const response = await fetch(`${url}/api/v1/tasks`, { headers });
    expect((await toFailure(response)).slice(0, 2)).toEqual([401, 'UNAUTHORIZED']);
  }
});

test('logs and metrics name the procedure of a REST call, and the log has no query', async () => {
  const requestId = randomUUID();
  await send('GET', '/tasks?search=Zanzibar', { headers: { 'x-request-id': requestId } });
  const findLine = () => log.find((each) => each['requestId'] === requestId && each['msg'] === 'request');
  await expect.poll(findLine).toBeDefined();
  expect(findLine()).toMatchObject({
    path: '/api/v1/tasks',
    procedures: 'task.list',
    status: 200,
    statements: 1,
    userId,
  });
  expect(JSON.stringify(log)).not.toContain('Zanzibar');
  const metrics = await (await fetch(`${url}/metrics`)).text();
  expect(metrics).toMatch(/holdfast_http_requests_total\{route="rest",status="2xx"\} [1-9]/);
});

test('HEAD sends the headers of GET without a body', async () => {
  const { id } = await create('head');
  const response = await send('HEAD', `/tasks/${id}`);
  expect([response.status, response.headers.get('etag'), await response.text()]).toEqual([200, '"1"', '']);
});

test('calls by REST and by name count towards the same rate limit', async () => {
  const limited = await openServer({ RATE_LIMIT_PER_MINUTE: '3' });
  const { jwt: token } = await signUp(limited.url, 'bob@example.org');
  const headers = { authorization: `Bearer ${token}` };
  const statuses: number[] = [];
  for (const path of ['/api/v1/user', '/trpc/user.me', '/api/v1/user', '/api/v1/user', '/trpc/user.me']) {
    const response = await fetch(limited.url + path, { headers });
    statuses.push(response.status);
    if (response.status === 429) expect(Number(response.headers.get('retry-after'))).toBeGreaterThan(0);
  }
  expect(statuses).toEqual([200, 200, 200, 429, 429]);
});

test('a REST call takes one round trip to the database', async () => {
  const far = await openFaultProxyTo(await openDatabaseUrl());
  const counted = await openServer({ DATABASE_URL: far.url, DATABASE_POOL_MAX: '1' });
  const { jwt: token } = await signUp(counted.url, 'far@example.org');
  const headers = { ...json, authorization: `Bearer ${token}` };
  const body = '{"title":"far"}';
  await fetch(`${counted.url}/api/v1/tasks`, { method: 'POST', headers, body });
  const before = far.roundTrips();
  await fetch(`${counted.url}/api/v1/tasks`, { method: 'POST', headers, body });
  expect(far.roundTrips() - before).toBe(1);
  await fetch(`${counted.url}/api/v1/tasks?limit=1`, { headers });
  expect(far.roundTrips() - before).toBe(2);
});

test('a body that stops half way does not occupy the server', async () => {
  const { hostname, port } = new URL(url);
  const sent = request({
    hostname,
    port,
    method: 'POST',
    path: '/api/v1/tasks',
    headers: { ...bearer, ...json, 'content-length': 50 },
  });
  sent.on('error', () => {});
  sent.write('{"title":');
  await once(sent, 'socket');
  sent.destroy();
  expect((await send('GET', '/user')).status).toBe(200);
});
