import { once } from 'node:events';
import {
  Agent,
  createServer,
  type IncomingMessage,
  type OutgoingHttpHeaders,
  request,
  type ServerResponse,
} from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { createBodyReader } from '../src/body.ts';

const server = createServer();
beforeAll(async () => {
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
});
const agent = new Agent({ keepAlive: true });
afterAll(() => {
  agent.destroy();
  server.close();
});

/** Sends a body, and returns the request as the server sees it. */
async function receive(body: string, headers: OutgoingHttpHeaders) {
  const { port } = server.address() as AddressInfo;
  const sent = request({ port, agent, method: 'POST', headers });
  sent.end(body);
  const [req, res] = (await once(server, 'request')) as [IncomingMessage, ServerResponse];
  const end = async () => {
    const responded = once(sent, 'response');
    res.end();
    const [response] = (await responded) as [IncomingMessage];
    await once(response.resume(), 'end');
  };
  return { req, res, end };
}

test.for([
  ['a short body is received at once', 'x'.repeat(64 * 1024), true, true],
  ['a longer body is received when it is needed', 'x'.repeat(64 * 1024 + 1), true, false],
  ['a body without a declared length is received when it is needed', 'x', false, false],
] as const)('%s', async ([, body, isDeclared, isEarly]) => {
  const headers = isDeclared ? { 'content-length': String(body.length) } : { 'transfer-encoding': 'chunked' };
  const { req, res, end } = await receive(body, headers);
  const read = createBodyReader({ req, res, maxSize: undefined });
  expect(req.listenerCount('data') > 0).toBe(isEarly);
  expect([String(await read()), await read()]).toEqual([body, await read()]);
  await end();
});

test('a body that nobody needs is dropped after the response', async () => {
  const body = 'x'.repeat(1_000_000);
  const { req, res, end } = await receive(body, { 'content-length': String(body.length) });
  createBodyReader({ req, res, maxSize: undefined });
  const closed = once(req, 'close');
  await end();
  await closed;
  expect(req.complete).toBe(true);
});
