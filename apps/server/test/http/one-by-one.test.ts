import { once } from 'node:events';
import { createServer, type ServerResponse } from 'node:http';
import { type AddressInfo, connect } from 'node:net';
import { text } from 'node:stream/consumers';
import { expect, onTestFinished, test } from 'vitest';
import { serveOneByOne } from '../../src/http/one-by-one.ts';

/** A server that records the requests that have begun, and completes none by itself. */
async function openServer() {
  const begun: { url: string; res: ServerResponse }[] = [];
  const server = createServer(serveOneByOne(({ url }, res) => begun.push({ url: url!, res })));
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  onTestFinished(() => server.closeAllConnections());
  const socket = connect((server.address() as AddressInfo).port, '127.0.0.1');
  onTestFinished(() => void socket.destroy());
  return { server, socket, begun, urls: () => begun.map(({ url }) => url) };
}

const request = (url: string) => `GET ${url} HTTP/1.1\r\nhost: x\r\n\r\n`;

test('requests that arrive together are served one after the other, in their order', async () => {
  const { socket, begun, urls } = await openServer();
  socket.write(['/1', '/2', '/3'].map(request).join(''));
  await expect.poll(urls).toEqual(['/1']);
  const received = text(socket);
  for (const expected of [
    ['/1', '/2'],
    ['/1', '/2', '/3'],
    ['/1', '/2', '/3'],
  ]) {
    const { url, res } = begun.at(-1)!;
    res.end(`body of ${url}`);
    await expect.poll(urls).toEqual(expected);
  }
  socket.end();
  expect((await received).match(/body of \/\d/g)).toEqual(['body of /1', 'body of /2', 'body of /3']);
});

test('another connection is served while the requests of the first one wait', async () => {
  const { server, socket, urls } = await openServer();
  socket.write(['/1', '/2'].map(request).join(''));
  await expect.poll(urls).toEqual(['/1']);
  const other = connect((server.address() as AddressInfo).port, '127.0.0.1');
  onTestFinished(() => void other.destroy());
  other.write(request('/other'));
  await expect.poll(urls).toEqual(['/1', '/other']);
});

test('a connection with more than 20 waiting requests is closed, and serves none of them', async () => {
  const { socket, urls } = await openServer();
  socket.on('error', () => undefined);
  socket.write(Array.from({ length: 22 }, (_, index) => request(`/${index}`)).join(''));
  await once(socket, 'close');
  expect(urls()).toEqual(['/0']);
});
