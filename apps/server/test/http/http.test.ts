import { once } from 'node:events';
import { request } from 'node:http';
import { connect } from 'node:net';
import { text } from 'node:stream/consumers';
import { setTimeout } from 'node:timers/promises';
import { gzipSync } from 'node:zlib';
import { expect, test } from 'vitest';
import { openServer, post, signUp } from '../fixture.ts';

const { url, log } = await openServer({ TRUSTED_ORIGINS: 'https://app.example.org' });

const readError = async (response: Response) => {
  const { error } = (await response.json()) as {
    error: { code: number; message: string; data: Record<string, unknown> };
  };
  return { status: response.status, ...error };
};

/** Sends bytes that HTTP clients do not send. */
async function sendRaw(bytes: string): Promise<string> {
  const { hostname, port } = new URL(url);
  const socket = connect(Number(port), hostname);
  socket.end(bytes);
  return text(socket);
}

const sendRequestId = async (path: string, id: string) =>
  (await fetch(url + path, { headers: { 'x-request-id': id } })).headers.get('x-request-id');

const batch = (size: number) => fetch(`${url}/trpc/${Array.from({ length: size }, () => 'user.me').join(',')}?batch=1`);

const readCorsHeaders = async (origin: string, path = '/') =>
  (await fetch(url + path, { headers: { origin } })).headers;

const findLines = (id: string) => log.filter(({ requestId }) => requestId === id);

test('GET / lists the procedures', async () => {
  const index = await (await fetch(url)).json();
  expect(index).toMatchObject({ name: 'Holdfast', procedures: { 'task.list': 'query', 'task.create': 'mutation' } });
});

test('an unknown path gets an error in the format of failed calls', async () => {
  for (const path of [
    '/unknown',
    '/api/auth/unknown',
    '/api/auth',
    '/api/auth/sign-in//email',
    '/api/auth/error?error=x',
  ]) {
    const response = await fetch(url + path, { headers: { 'x-request-id': 'look.up-1' } });
    expect(await readError(response)).toEqual({
      status: 404,
      code: -32_004,
      message: 'Not found. GET / lists the routes.',
      data: { code: 'NOT_FOUND', httpStatus: 404, path: null, requestId: 'look.up-1', validation: null },
    });
  }
});

test('every response has a request ID: the caller’s if it is valid, otherwise a new one', async () => {
  for (const path of ['/', '/livez', '/trpc/user.me', '/trpc/nothing', '/api/auth/ok', '/nothing']) {
    expect(await sendRequestId(path, 'abc-1')).toBe('abc-1');
    expect(await sendRequestId(path, 'two words')).toMatch(/^[0-9a-f-]{36}$/);
    expect(await sendRequestId(path, 'x'.repeat(129))).toMatch(/^[0-9a-f-]{36}$/);
  }
});

test('no response may be stored by browsers or caches, with and without credentials', async () => {
  const { cookie, jwt } = await signUp(url, 'cached@example.org');
  const credentials: Record<string, string>[] = [
    {},
    { cookie },
    { authorization: `Bearer ${jwt}` },
    { authorization: `Bearer ${jwt}`, 'trpc-accept': 'application/jsonl' },
  ];
  for (const path of [
    '/',
    '/trpc/task.list',
    '/trpc/user.me?batch=1',
    '/api/auth/token',
    '/readyz',
    '/metrics',
    '/no',
  ]) {
    for (const headers of credentials) {
      const response = await fetch(url + path, { headers });
      expect([path, response.headers.get('cache-control')]).toEqual([path, 'no-store']);
    }
  }
});

test('a body over 1 MiB is PAYLOAD_TOO_LARGE, with and without a content length', async () => {
  const { jwt } = await signUp(url, 'ada@example.org');
  const body = JSON.stringify({ title: 'x'.repeat(1024 * 1024) });
  const headers = { authorization: `Bearer ${jwt}`, 'content-type': 'application/json' };
  for (const path of ['/trpc/task.create', '/api/auth/sign-in/email']) {
    const chunked = { method: 'POST', headers, body: new Blob([body]).stream(), duplex: 'half' } as RequestInit;
    for (const response of [await post(url + path, body, headers), await fetch(url + path, chunked)]) {
      expect(await readError(response)).toMatchObject({
        status: 413,
        data: { code: 'PAYLOAD_TOO_LARGE', requestId: expect.any(String) },
      });
    }
  }
  expect((await post(`${url}/trpc/task.create`, { title: 'x' }, headers)).status).toBe(200);
});

test('a batch of 21 calls is BAD_REQUEST, and one of 20 calls is not', async () => {
  expect((await batch(20)).status).toBe(401);
  expect(await readError(await batch(21))).toMatchObject({ status: 400, data: { code: 'BAD_REQUEST' } });
});

test('malformed paths and unknown charsets get errors in the format of failed calls', async () => {
  expect(await readError(await fetch(`${url}/trpc/%ff`))).toMatchObject({ status: 400, data: { code: 'BAD_REQUEST' } });
  expect(await readError(await fetch(`${url}/api/auth/%ff`))).toMatchObject({
    status: 400,
    data: { code: 'BAD_REQUEST' },
  });
  const charset = { 'content-type': 'application/json; charset=nonsense' };
  expect(await readError(await post(`${url}/api/auth/sign-in/email`, {}, charset))).toMatchObject({ status: 415 });
  for (const path of ['/trpc/user.me', '/api/auth/ok']) {
    expect(
      await sendRaw(
        `GET ${path} HTTP/1.1\r\nHost: no host\r\nX-Forwarded-Proto: no:proto\r\nConnection: close\r\n\r\n`,
      ),
    ).toMatch(/^HTTP\/1\.1 (200|400|401) /);
  }
});

test('errors before any call have the content type application/json', async () => {
  const rejections = [
    await batch(21),
    await fetch(`${url}/trpc/%ff`),
    await fetch(`${url}/trpc/user.me,task.create?batch=1`),
    await fetch(`${url}/trpc/none`),
    await fetch(`${url}/trpc/`),
    await fetch(`${url}/trpc/task.get?input={`),
    await post(`${url}/trpc/task.create`, '{'),
    await post(`${url}/trpc/task.create`, 'x', { 'content-type': 'text/plain' }),
  ];
  for (const rejection of rejections) {
    expect(rejection.headers.get('content-type')).toMatch(/^application\/json(?:; charset=utf-8)?$/);
    expect((await readError(rejection)).message).not.toBe('');
  }
});

test('a compressed body is UNSUPPORTED_MEDIA_TYPE, and content-encoding: identity is accepted', async () => {
  const body = new Blob([gzipSync('{"title":"x"}')]);
  for (const encoding of ['gzip', 'br', 'deflate', 'identity, gzip']) {
    const response = await post(`${url}/trpc/task.create`, body, { 'content-encoding': encoding });
    expect(await readError(response)).toMatchObject({
      status: 415,
      message: 'Compressed bodies are not supported. Send the body without content-encoding.',
      data: { code: 'UNSUPPORTED_MEDIA_TYPE' },
    });
  }
  expect((await post(`${url}/trpc/task.create`, {}, { 'content-encoding': 'identity' })).status).toBe(401);
});

test('a body that is not valid UTF-8 is BAD_REQUEST and stores no task', async () => {
  const { jwt } = await signUp(url, 'lina@example.org');
  const authorization = `Bearer ${jwt}`;
  const invalid = new Blob([Buffer.from('{"title":"caf\xe9","name":"caf\xe9"}', 'latin1')]);
  const expected = {
    status: 400,
    message: 'The body must be text in UTF-8.',
    data: { code: 'BAD_REQUEST', validation: { errors: ['The body must be text in UTF-8.'] } },
  };
  for (const [path, more] of [
    ['/trpc/task.create', {}],
    ['/trpc/task.create?batch=1', {}],
    ['/api/auth/sign-up/email', {}],
    ['/api/auth/sign-up/email', { 'content-type': 'application/json; charset=utf8' }],
    ['/api/auth/sign-up/email', { 'content-type': 'application/json; charset=iso-8859-1' }],
  ] as const) {
    const response = await post(url + path, invalid, { authorization, ...more });
    const { error } = [await response.json()].flat()[0] as { error: object };
    expect({ status: response.status, ...error }).toMatchObject(expected);
  }
  // tRPC's own adapter handles this request, and reports errors of calls in the stream.
  const lines = await post(`${url}/trpc/task.create?batch=1`, invalid, {
    authorization,
    'trpc-accept': 'application/jsonl',
  });
  expect(await lines.text()).toContain(expected.message);
  // HTTP/1.0, as some proxies send it.
  const { hostname, port } = new URL(url);
  const socket = connect(Number(port), hostname);
  const head = `POST /trpc/task.create HTTP/1.0\r\nAuthorization: ${authorization}\r\nContent-Type: application/json`;
  socket.write(`${head}\r\nContent-Length: 17\r\n\r\n{"title":"café"}`);
  expect(await text(socket)).toMatch(/^HTTP\/1.1 200 OK\r\n/);
  const stored = await fetch(`${url}/trpc/task.list`, { headers: { authorization } });
  expect(await stored.json()).toMatchObject({ result: { data: { items: [{ title: 'café' }] } } });
});

test('a procedure call with a method other than GET or POST is METHOD_NOT_SUPPORTED', async () => {
  for (const method of ['PUT', 'PATCH', 'DELETE']) {
    const response = await fetch(`${url}/trpc/user.me`, { method });
    expect(await readError(response)).toMatchObject({ status: 405, data: { code: 'METHOD_NOT_SUPPORTED' } });
  }
});

test('only pages of trusted origins may read responses and their request IDs', async () => {
  const headers = await readCorsHeaders('https://app.example.org');
  expect(headers.get('access-control-allow-origin')).toBe('https://app.example.org');
  expect(headers.get('access-control-expose-headers')).toContain('x-request-id');
  expect((await readCorsHeaders('https://evil.example.org')).get('access-control-allow-origin')).toBeNull();
});

test('a client that disconnects is logged with status 499, and not as an error', async () => {
  const { jwt } = await signUp(url, 'gone@example.org');
  const headers = { authorization: `Bearer ${jwt}`, 'content-type': 'application/json', 'x-request-id': 'gone' };
  const call = request(`${url}/trpc/task.create`, { method: 'POST', headers: { ...headers, expect: '100-continue' } });
  call.on('error', () => {});
  call.write('{"title":');
  await once(call, 'continue');
  call.destroy();
  await expect.poll(() => findLines('gone')).not.toEqual([]);
  await setTimeout(50);
  expect(findLines('gone')).toEqual([expect.objectContaining({ level: 30, status: 499 })]);
});

test('a call with parameters other than input and batch is BAD_REQUEST that names them', async () => {
  const { jwt } = await signUp(url, 'parameters@example.org');
  const headers = { authorization: `Bearer ${jwt}` };
  for (const [query, names] of [
    ['limit=1', '"limit"'],
    ['batch=1&limit=1&order=oldest', '"limit", "order"'],
    ['input=%7B%7D&completed=true', '"completed"'],
    ['Input=1', '"Input"'],
    ['=1', '""'],
    ['a&b&c&d&e&f&g', '"a", "b", "c", "d", "e" and 2 more'],
  ]) {
    expect(await readError(await fetch(`${url}/trpc/task.list?${query}`, { headers }))).toMatchObject({
      status: 400,
      message: `Unknown parameter: ${names}. Send the input as ?input=<JSON>.`,
      data: { code: 'BAD_REQUEST' },
    });
  }
  expect((await post(`${url}/trpc/task.create?title=x`, { title: 'x' }, headers)).status).toBe(400);
  for (const query of [
    '',
    '?',
    '?input=%7B%22limit%22%3A1%7D',
    '?in%70ut=%7B%7D',
    '?input=%7B%22cursor%22%3Anull%7D&',
  ]) {
    const { status } = await fetch(`${url}/trpc/task.list${query}`, { headers });
    expect([query, status === 200 || query.includes('cursor')]).toEqual([query, true]);
  }
});

test('a query may be sent as POST, so that pages of other origins need one preflight for all inputs', async () => {
  const { jwt } = await signUp(url, 'preflight@example.org');
  const origin = 'https://app.example.org';
  const preflight = await fetch(`${url}/trpc/task.list`, {
    method: 'OPTIONS',
    headers: {
      origin,
      'access-control-request-method': 'POST',
      'access-control-request-headers': 'authorization,content-type',
    },
  });
  expect([preflight.status, preflight.headers.get('access-control-max-age')]).toEqual([204, '7200']);
  expect(preflight.headers.get('access-control-allow-methods')).toContain('POST');
  for (const input of [{}, { limit: 1 }]) {
    const response = await post(`${url}/trpc/task.list`, input, { authorization: `Bearer ${jwt}`, origin });
    expect([response.status, await response.json()]).toEqual([
      200,
      { result: { data: { items: [], nextCursor: null } } },
    ]);
  }
  const batch = await post(
    `${url}/trpc/task.list,user.me?batch=1`,
    { 0: { limit: 1 } },
    { authorization: `Bearer ${jwt}` },
  );
  expect([batch.status, await batch.json()]).toEqual([200, [expect.anything(), expect.anything()]]);
});

test('without other origins, OPTIONS is METHOD_NOT_SUPPORTED with Allow', async () => {
  const server = await openServer();
  for (const [method, path] of [
    ['OPTIONS', '/trpc/task.list'],
    ['PUT', '/trpc/task.list'],
    ['DELETE', '/trpc/nothing'],
  ] as const) {
    const response = await fetch(server.url + path, { method });
    expect(response.headers.get('allow')).toBe('GET, HEAD, POST');
    expect(await readError(response)).toMatchObject({ status: 405, data: { code: 'METHOD_NOT_SUPPORTED' } });
  }
});

test('a host that is not one is BAD_REQUEST on every route', async () => {
  for (const host of ['a@b', 'user:password@b', 'a b', 'a/b', 'a?b', '[::1', 'a:99999', 'a:b', '', 'http://a', '%']) {
    for (const path of ['/trpc/user.me', '/api/auth/ok', '/livez', '/']) {
      const response = await sendRaw(`GET ${path} HTTP/1.1\r\nHost: ${host}\r\nConnection: close\r\n\r\n`);
      expect([host, response]).toEqual([host, expect.stringMatching(/^HTTP\/1\.1 400 .*"code":"BAD_REQUEST"/s)]);
    }
  }
  for (const host of ['tasks.example.org', 'localhost:3000', '127.0.0.1', '[::1]:3000', 'my_app']) {
    expect(await sendRaw(`GET /livez HTTP/1.1\r\nHost: ${host}\r\nConnection: close\r\n\r\n`)).toMatch(
      /^HTTP\/1\.1 200 /,
    );
  }
});
