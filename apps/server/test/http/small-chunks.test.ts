import { once } from 'node:events';
import { connect } from 'node:net';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { expect, test } from 'vitest';
import { openServer, signUp } from '../fixture.ts';
import { sendBytes } from '../fuzz/wire.ts';

const { url } = await openServer();
const { jwt } = await signUp(url, 'ada@example.org');

/** A call whose body is JSON in chunks of this size, with spaces before it. */
function toChunked({ spaces, size }: { spaces: number; size: number }): Buffer {
  const lines = [
    'POST /trpc/task.create HTTP/1.1',
    'host: x',
    `authorization: Bearer ${jwt}`,
    'content-type: application/json',
    'transfer-encoding: chunked',
    'connection: close',
  ];
  const space = `${size.toString(16)}\r\n${' '.repeat(size)}\r\n`;
  const end = 'd\r\n{"title":"x"}\r\n0\r\n\r\n';
  return Buffer.from(`${lines.join('\r\n')}\r\n\r\n${space.repeat(spaces)}${end}`);
}

test('a body in many chunks of one byte ends the connection', async () => {
  expect(await sendBytes(url, toChunked({ spaces: 5_000, size: 1 }))).toEqual([]);
  expect((await fetch(`${url}/readyz`)).status).toBe(200);
});

/** Sends the start, and then one packet after the other until the connection ends. Returns the response and the number of packets. */
async function sendPackets(start: string, packet: string) {
  const socket = connect({ host: '127.0.0.1', port: Number(new URL(url).port), noDelay: true });
  let response = '';
  socket.on('data', (bytes) => (response += bytes.toString()));
  socket.on('error', () => undefined);
  await once(socket, 'connect');
  socket.write(start);
  let sent = 0;
  for (; sent < 200_000 && !socket.destroyed; sent += 1) {
    socket.write(packet);
    await nextTurn();
  }
  return { response, sent };
}

const toHead = (...lines: string[]) => ['POST /trpc/task.create HTTP/1.1', 'host: x', ...lines, ''].join('\r\n');
const called = [`authorization: Bearer ${jwt}`, 'content-type: application/json'];
const chunked = `${toHead(...called, 'transfer-encoding: chunked')}\r\n`;

test.each([
  ['a body with a declared length', `${toHead(...called, 'content-length: 200000')}\r\n`, ' '],
  ['a header', `${toHead()}x: `, 'a'],
  ['a request line', 'GET /', 'a'],
  ['line breaks before a request', '', '\r\n'],
  ['the size of a chunk', chunked, '0'],
  ['an extension of a chunk', `${chunked}1;`, 'a'],
  ['a trailer', `${chunked}d\r\n{"title":"x"}\r\n0\r\nx: `, 'a'],
])('%s in many tiny packets ends the connection without a response', async (_name, start, packet) => {
  const { response, sent } = await sendPackets(start, packet);
  expect(response).toBe('');
  expect(sent).toBeLessThan(200_000);
  expect((await fetch(`${url}/readyz`)).status).toBe(200);
});

test.each([
  ['line breaks', '', '\r\n'],
  ['spaces in a request line', 'GET ', ' '],
  ['spaces before the value of a header', `${toHead()}x:`, ' '],
  ['zeros before the size of a chunk', chunked, '0'],
])('%s without end close the connection', async (_name, start, text) => {
  const socket = connect({ host: '127.0.0.1', port: Number(new URL(url).port) });
  socket.on('error', () => undefined);
  socket.resume();
  const closed = new Promise((resolve) => socket.once('close', resolve));
  socket.write(start);
  const packet = text.repeat(32_768);
  while (!socket.destroyed) {
    if (socket.write(packet)) continue;
    await Promise.race([new Promise((resolve) => socket.once('drain', resolve)), closed]);
  }
  expect(socket.bytesWritten).toBeLessThan(50_000_000);
});

test('a large body, and many requests in large packets, are read', async () => {
  const declared = Buffer.from(JSON.stringify({ title: 'x', description: null, labels: [] }).padEnd(200_000, ' '));
  const headers = { authorization: `Bearer ${jwt}`, 'content-type': 'application/json' };
  expect((await fetch(`${url}/trpc/task.create`, { method: 'POST', headers, body: declared })).status).toBe(200);
  const socket = connect({ host: '127.0.0.1', port: Number(new URL(url).port) });
  let responses = 0;
  socket.on('data', (bytes) => (responses += bytes.toString().split('HTTP/1.1 200 ').length - 1));
  const head = `GET /livez HTTP/1.1\r\nhost: x\r\nx-padding: ${'x'.repeat(12_000)}\r\n\r\n`;
  for (let round = 1; round <= 5; round += 1) {
    socket.write(head.repeat(10));
    await expect.poll(() => responses).toBe(10 * round);
  }
  socket.destroy();
});

test('line breaks in many tiny packets after a response end the connection', async () => {
  const { response, sent } = await sendPackets('GET /livez HTTP/1.1\r\nhost: x\r\n\r\n', '\r\n');
  expect(response).toContain('HTTP/1.1 200 ');
  expect(sent).toBeLessThan(200_000);
});

test('a connection serves many requests in tiny packets, if each has few', async () => {
  const socket = connect({ host: '127.0.0.1', port: Number(new URL(url).port), noDelay: true });
  await once(socket, 'connect');
  for (let call = 0; call < 20; call += 1) {
    const response = once(socket, 'data');
    for (const byte of 'GET /livez HTTP/1.1\r\nhost: x\r\n\r\n') {
      socket.write(byte);
      await nextTurn();
    }
    expect(String((await response)[0])).toContain('HTTP/1.1 200 ');
  }
  socket.destroy();
});

test('a body in a few small chunks, or in many larger ones, is read', async () => {
  for (const body of [toChunked({ spaces: 150, size: 1 }), toChunked({ spaces: 2_000, size: 100 })]) {
    expect(await sendBytes(url, body)).toMatchObject([{ status: 200 }]);
  }
});
