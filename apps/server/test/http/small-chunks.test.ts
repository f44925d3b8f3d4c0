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

test('a body with a declared length in many packets of one byte ends the connection', async () => {
  const socket = connect({ host: '127.0.0.1', port: Number(new URL(url).port), noDelay: true });
  socket.on('error', () => undefined);
  await once(socket, 'connect');
  const lines = [
    'POST /trpc/task.create HTTP/1.1',
    'host: x',
    `authorization: Bearer ${jwt}`,
    'content-type: application/json',
    'content-length: 200000',
  ];
  socket.write(`${lines.join('\r\n')}\r\n\r\n`);
  let sent = 0;
  for (; sent < 200_000 && !socket.destroyed; sent += 1) {
    socket.write(' ');
    await nextTurn();
  }
  expect(sent).toBeLessThan(200_000);
  expect((await fetch(`${url}/readyz`)).status).toBe(200);
});

test('a body in a few small chunks, or in many larger ones, is read', async () => {
  for (const body of [toChunked({ spaces: 150, size: 1 }), toChunked({ spaces: 2_000, size: 100 })]) {
    expect(await sendBytes(url, body)).toMatchObject([{ status: 200 }]);
  }
});
