import { once } from 'node:events';
import { connect } from 'node:net';
import { text } from 'node:stream/consumers';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { gzipSync } from 'node:zlib';
import { expect, onTestFinished, test } from 'vitest';
import { openServer, password, signUp } from '../fixture.ts';

const { url } = await openServer({ RATE_LIMIT_PER_MINUTE: '0' });
const { jwt } = await signUp(url, 'ada@example.org');
const { hostname, port, host } = new URL(url);

async function open() {
  const socket = connect(Number(port), hostname);
  onTestFinished(() => void socket.destroy());
  await once(socket, 'connect');
  return socket;
}

const toHead = (path: string, headers: Record<string, string>, method = 'POST') =>
  [
    `${method} ${path} HTTP/1.1`,
    `Host: ${host}`,
    ...Object.entries({ 'Content-Type': 'application/json', ...headers }).map(([name, value]) => `${name}: ${value}`),
    '\r\n',
  ].join('\r\n');

/** Writes the whole request before it reads, as Python's urllib does. Returns the response. */
async function sendBeforeReading(head: string, body: Buffer): Promise<string> {
  const socket = (await open()).pause();
  const failed = once(socket, 'close').then(() => 'closed before the body was sent');
  const written = new Promise<string>((resolve) => {
    socket.write(head);
    socket.write(body, () => resolve('sent'));
  });
  socket.on('error', () => {});
  expect(await Promise.race([written, failed])).toBe('sent');
  return text(socket);
}

const body = Buffer.alloc(12 * 1024 * 1024, 'x');
const close = { Connection: 'close', 'Content-Length': String(body.length) };

test.each([
  ['a call that is too large', '/trpc/task.create', { Authorization: `Bearer ${jwt}` }, 413],
  ['a call without token', '/trpc/task.create', {}, 401],
  ['a call with another content type', '/trpc/task.create', { 'Content-Type': 'text/plain' }, 415],
  ['a sign-in that is too large', '/api/auth/sign-in/email', {}, 413],
  ['a compressed sign-in', '/api/auth/sign-in/email', { 'Content-Encoding': 'gzip' }, 415],
  ['a request to an unknown path', '/nothing', {}, 404],
] as const)('a client that sends %s with connection: close sees the status', async (_name, path, headers, status) => {
  const response = await sendBeforeReading(toHead(path, { ...close, ...headers }), body);
  expect(response).toMatch(new RegExp(`^HTTP/1.1 ${status} `));
  expect(response).toContain('"error":{');
});

test('the rest of a refused body is not parsed, so that small chunks do not occupy the server', async () => {
  const socket = await open();
  socket.write(toHead('/nothing', { 'Transfer-Encoding': 'chunked' }));
  const [response] = (await once(socket, 'data')) as [Buffer];
  expect(response.toString()).toMatch(/^HTTP\/1.1 404 /);
  // A parser would refuse these bytes, which are no chunks, with a second response.
  socket.end(body);
  expect(await text(socket)).toBe('');
});

test('clients that send long refused bodies at the same time all see the status', async () => {
  const head = toHead('/trpc/task.create', { 'Content-Length': String(body.length) });
  const sent = Array.from({ length: 10 }, () => sendBeforeReading(head, body.subarray(0, 3_000_000)));
  for (const response of await Promise.all(sent)) expect(response).toMatch(/^HTTP\/1.1 401 /);
});

test('the bytes of a refused body that never ends are not stored', async () => {
  setFlagsFromString('--expose-gc');
  const collect = runInNewContext('gc') as () => void;
  const part = Buffer.alloc(900_000, 'x');
  const readBytes = () => {
    collect();
    return process.memoryUsage().arrayBuffers;
  };
  const before = readBytes();
  for (let client = 0; client < 60; client += 1) {
    const socket = await open();
    socket.write(toHead('/trpc/task.create', { 'Content-Length': '1000000' }));
    socket.write(part);
    const [head] = (await once(socket, 'data')) as [Buffer];
    expect(head.toString()).toContain('HTTP/1.1 401 ');
  }
  await expect.poll(readBytes).toBeLessThan(before + 20 * part.length);
});

test('a sign-in body over 16 KiB is PAYLOAD_TOO_LARGE, and a compressed one is UNSUPPORTED_MEDIA_TYPE', async () => {
  const send = async (bytes: Buffer, headers: Record<string, string> = {}) => {
    const init = {
      method: 'POST',
      headers: { 'content-type': 'application/json', ...headers },
      body: new Blob([bytes]),
    };
    const response = await fetch(`${url}/api/auth/update-user`, init);
    return { status: response.status, ...((await response.json()) as { error: { message: string } }).error };
  };
  expect(await send(Buffer.alloc(16 * 1024 + 1, ' '))).toMatchObject({
    status: 413,
    message: 'Request body too large. Send at most 16 KiB.',
  });
  const bomb = gzipSync('['.repeat(1024 * 1024));
  for (const encoding of ['gzip', 'br', 'deflate', 'unknown', 'identity, gzip']) {
    expect(await send(bomb, { 'content-encoding': encoding })).toMatchObject({
      status: 415,
      data: { code: 'UNSUPPORTED_MEDIA_TYPE' },
    });
  }
  const chunked = { body: new Blob([Buffer.alloc(20_000, ' ')]).stream(), duplex: 'half' } as RequestInit;
  expect((await fetch(`${url}/api/auth/sign-out`, { method: 'POST', ...chunked })).status).toBe(413);
});

const sendWithMark = (path: string, value: object, accept = 'application/json') => {
  const headers = { accept, 'content-type': 'application/json', authorization: `Bearer ${jwt}` };
  return fetch(url + path, { method: 'POST', headers, body: `\uFEFF${JSON.stringify(value)}` });
};

test('a byte order mark before the JSON of a body is ignored on all routes', async () => {
  const tools = { jsonrpc: '2.0', id: 1, method: 'tools/list', params: {} };
  const responses = await Promise.all([
    sendWithMark('/trpc/task.create', { title: 'by name' }),
    sendWithMark('/api/v1/tasks', { title: 'by path' }),
    sendWithMark('/mcp', tools, 'application/json, text/event-stream'),
    sendWithMark('/api/auth/sign-in/email', { email: 'ada@example.org', password }),
  ]);
  expect(responses.map(({ status }) => status)).toEqual([200, 201, 200, 200]);
});

test('probes and other GET routes accept no body', async () => {
  for (const path of ['/livez', '/readyz', '/metrics', '/', '/api/auth/ok']) {
    const socket = await open();
    socket.end(`${toHead(path, { 'Content-Length': '2', Connection: 'close' }, 'GET')}{}`);
    expect(await text(socket)).toMatch(/^HTTP\/1.1 413 .*"code":"PAYLOAD_TOO_LARGE"/s);
  }
});
