import { once } from 'node:events';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { connect, type Socket } from 'node:net';
import { expect, onTestFinished, test } from 'vitest';
import { listen } from '../../src/http/listen.ts';

interface Opened {
  client: Socket;
  /** All bytes that the client has received. */
  text: () => string;
  req: IncomingMessage;
  res: ServerResponse;
}

/** A server whose responses stay open, and a client that has received the first part of one. */
async function open(path: string, headers = ''): Promise<Opened> {
  const { server, url } = await listen({ host: '127.0.0.1', port: 0 });
  onTestFinished(() => void server.close());
  const { promise, resolve } = Promise.withResolvers<Pick<Opened, 'req' | 'res'>>();
  server.on('request', (req, res) => {
    res.write('first');
    resolve({ req, res });
  });
  const client = connect({ port: Number(new URL(url).port), host: '127.0.0.1', allowHalfOpen: true });
  onTestFinished(() => void client.destroy());
  let text = '';
  client.setEncoding('latin1').on('data', (part: string) => (text += part));
  client.on('error', () => {});
  client.write(`GET ${path} HTTP/1.1\r\nhost: x\r\n${headers}\r\n`);
  const { req, res } = await promise;
  await expect.poll(() => text).toContain('first');
  return { client, text: () => text, req, res };
}

const hasParser = ({ req }: Opened) => (req.socket as Socket & { parser: object | null }).parser !== null;
const stream = '/trpc/changes.watch?input=%7B%7D';

test('the connection of a stream has no HTTP parser, and sends the rest of the response', async () => {
  const opened = await open(stream);
  expect(hasParser(opened)).toBe(false);
  expect(hasParser(await open('/trpc/task.list'))).toBe(true);
  expect(opened.text()).toMatch(/^HTTP\/1\.1 200 OK\r\n[^]*connection: close\r\n/i);
  opened.res.end('last');
  await once(opened.client, 'end');
  expect(opened.text()).toMatch(/5\r\nfirst\r\n4\r\nlast\r\n0\r\n\r\n$/);
});

test('a request for an upgrade of the connection is served as if it were none', async () => {
  for (const path of [stream, '/trpc/task.list']) {
    const { text } = await open(path, 'connection: upgrade\r\nupgrade: h2c\r\n');
    expect(text()).toMatch(/^HTTP\/1\.1 200 /);
  }
});

test('a client that closes its side of a stream, or the connection, ends the response', async () => {
  const half = await open(stream);
  half.client.end();
  await once(half.client, 'end');
  await expect.poll(() => half.res.closed).toBe(true);
  const reset = await open(stream);
  reset.client.resetAndDestroy();
  await expect.poll(() => reset.res.closed).toBe(true);
});

test('bytes after the request of a stream are discarded, and too many end it', async () => {
  const { client, res, text } = await open(stream);
  client.write('GET /livez HTTP/1.1\r\nhost: x\r\n\r\n');
  await expect.poll(() => (res.socket?.bytesRead ?? 0) > 80).toBe(true);
  res.write('second');
  await expect.poll(text).toContain('second');
  client.write('x'.repeat(100_000));
  await expect.poll(() => res.closed).toBe(true);
  expect(text().match(/HTTP\/1\.1/g)).toHaveLength(1);
});
