import { once } from 'node:events';
import { request } from 'node:http';
import { connect } from 'node:net';
import { text } from 'node:stream/consumers';
import { setTimeout } from 'node:timers/promises';
import { gzipSync } from 'node:zlib';
import { expect, test } from 'vitest';
import { openServer, post, signUp } from './fixture.ts';

const { url, log } = await openServer({ TRUSTED_ORIGINS: 'https://app.example.org' });

const readError = async (response: Response) => {
  const { error } = (await response.json()) as {
    error: { code: number; message: string; data: Record<string, unknown> };
  };
  return { status: response.status, ...error };
};

/** Sends bytes as they are, for what no proper client would send. */
async function sendRaw(bytes: string): Promise<string> {
  const { hostname, port } = new URL(url);
  const socket = connect(Number(port), hostname);
  socket.end(bytes);
  return text(socket);
}

const idFor = async (path: string, id: string) =>
  (await fetch(url + path, { headers: { 'x-request-id': id } })).headers.get('x-request-id');

const batch = (size: number) => fetch(`${url}/trpc/${Array.from({ length: size }, () => 'user.me').join(',')}?batch=1`);

const allowed = async (origin: string, path = '/') => (await fetch(url + path, { headers: { origin } })).headers;

const linesOf = (id: string) => log.filter(({ requestId }) => requestId === id);

test('GET / tells what is here', async () => {
  const about = await (await fetch(url)).json();
  expect(about).toMatchObject({ name: 'Holdfast', procedures: { 'task.list': 'query', 'task.create': 'mutation' } });
});

test('a path that leads nowhere has the shape of a failed call', async () => {
  for (const path of [
    '/nothing',
    '/api/auth/nothing',
    '/api/auth',
    '/api/auth/sign-in//email',
    '/api/auth/error?error=x',
  ]) {
    const response = await fetch(url + path, { headers: { 'x-request-id': 'look.up-1' } });
    expect(await readError(response)).toEqual({
      status: 404,
      code: -32_004,
      message: expect.any(String),
      data: { code: 'NOT_FOUND', httpStatus: 404, path: null, requestId: 'look.up-1', validation: null },
    });
  }
});

test('every response bears a request id: the caller’s where it is sane, else a new one', async () => {
  for (const path of ['/', '/livez', '/trpc/user.me', '/trpc/nothing', '/api/auth/ok', '/nothing']) {
    expect(await idFor(path, 'abc-1')).toBe('abc-1');
    expect(await idFor(path, 'two words')).toMatch(/^[0-9a-f-]{36}$/);
    expect(await idFor(path, 'x'.repeat(129))).toMatch(/^[0-9a-f-]{36}$/);
  }
});

test('no answer is kept by a browser or a cache in between, whoever asks for it and how', async () => {
  const { cookie, jwt } = await signUp(url, 'kept@example.org');
  const asking: Record<string, string>[] = [
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
    for (const headers of asking) {
      const answer = await fetch(url + path, { headers });
      expect([path, answer.headers.get('cache-control')]).toEqual([path, 'no-store']);
    }
  }
});

test('a body over 1 MiB is PAYLOAD_TOO_LARGE, with a length and without', async () => {
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

test('a batch has 20 calls at the most', async () => {
  expect((await batch(20)).status).toBe(401);
  expect(await readError(await batch(21))).toMatchObject({ status: 400, data: { code: 'BAD_REQUEST' } });
});

test('malformed requests are answered in the same shape', async () => {
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

test('whatever is refused before any call is made is JSON, and says so', async () => {
  const refusals = [
    await batch(21),
    await fetch(`${url}/trpc/%ff`),
    await fetch(`${url}/trpc/user.me,task.create?batch=1`),
    await fetch(`${url}/trpc/none`),
    await fetch(`${url}/trpc/`),
    await fetch(`${url}/trpc/task.get?input={`),
    await post(`${url}/trpc/task.create`, '{'),
    await post(`${url}/trpc/task.create`, 'x', { 'content-type': 'text/plain' }),
  ];
  for (const refusal of refusals) {
    expect(refusal.headers.get('content-type')).toMatch(/^application\/json(?:; charset=utf-8)?$/);
    expect((await readError(refusal)).message).not.toBe('');
  }
});

test('a compressed body is told to come as it is', async () => {
  const body = new Blob([gzipSync('{"title":"x"}')]);
  for (const encoding of ['gzip', 'br', 'deflate', 'identity, gzip']) {
    const answer = await post(`${url}/trpc/task.create`, body, { 'content-encoding': encoding });
    expect(await readError(answer)).toMatchObject({
      status: 415,
      message: 'A compressed body is not read here: send it without content-encoding.',
      data: { code: 'UNSUPPORTED_MEDIA_TYPE' },
    });
  }
  expect((await post(`${url}/trpc/task.create`, {}, { 'content-encoding': 'identity' })).status).toBe(401);
});

test('a body that is no UTF-8 is refused, and nothing of it is kept', async () => {
  const { jwt } = await signUp(url, 'lina@example.org');
  const authorization = `Bearer ${jwt}`;
  const broken = new Blob([Buffer.from('{"title":"caf\xe9","name":"caf\xe9"}', 'latin1')]);
  const refused = {
    status: 400,
    message: 'The body must be text in UTF-8.',
    data: { code: 'BAD_REQUEST', validation: { errors: ['The body must be text in UTF-8.'] } },
  };
  for (const [path, more] of [
    ['/trpc/task.create', {}],
    ['/trpc/task.create?batch=1', {}],
    // tRPC's own adapter answers this one.
    ['/trpc/task.create', { 'trpc-accept': 'application/jsonl' }],
    ['/api/auth/sign-up/email', {}],
    ['/api/auth/sign-up/email', { 'content-type': 'application/json; charset=utf8' }],
    ['/api/auth/sign-up/email', { 'content-type': 'application/json; charset=iso-8859-1' }],
  ] as const) {
    const answer = await post(url + path, broken, { authorization, ...more });
    const { error } = [await answer.json()].flat()[0] as { error: object };
    expect({ status: answer.status, ...error }).toMatchObject(refused);
  }
  // As proxies ask that speak no newer HTTP.
  const { hostname, port } = new URL(url);
  const socket = connect(Number(port), hostname);
  const head = `POST /trpc/task.create HTTP/1.0\r\nAuthorization: ${authorization}\r\nContent-Type: application/json`;
  socket.write(`${head}\r\nContent-Length: 17\r\n\r\n{"title":"café"}`);
  expect(await text(socket)).toMatch(/^HTTP\/1.1 200 OK\r\n/);
  const kept = await fetch(`${url}/trpc/task.list`, { headers: { authorization } });
  expect(await kept.json()).toMatchObject({ result: { data: { items: [{ title: 'café' }] } } });
});

test('a procedure is called with GET or POST and nothing else', async () => {
  for (const method of ['PUT', 'PATCH', 'DELETE']) {
    const response = await fetch(`${url}/trpc/user.me`, { method });
    expect(await readError(response)).toMatchObject({ status: 405, data: { code: 'METHOD_NOT_SUPPORTED' } });
  }
});

test('only pages of trusted origins may read answers, and their request ids', async () => {
  const headers = await allowed('https://app.example.org');
  expect(headers.get('access-control-allow-origin')).toBe('https://app.example.org');
  expect(headers.get('access-control-expose-headers')).toContain('x-request-id');
  expect((await allowed('https://evil.example.org')).get('access-control-allow-origin')).toBeNull();
});

test('a client that goes away is no error', async () => {
  const { jwt } = await signUp(url, 'gone@example.org');
  const headers = { authorization: `Bearer ${jwt}`, 'content-type': 'application/json', 'x-request-id': 'gone' };
  const going = request(`${url}/trpc/task.create`, { method: 'POST', headers: { ...headers, expect: '100-continue' } });
  going.on('error', () => {});
  going.write('{"title":');
  await once(going, 'continue');
  going.destroy();
  await expect.poll(() => linesOf('gone')).not.toEqual([]);
  await setTimeout(50);
  expect(linesOf('gone')).toEqual([expect.objectContaining({ level: 30, status: 499 })]);
});
