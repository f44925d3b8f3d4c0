import { once } from 'node:events';
import { createServer } from 'node:http';
import { type AddressInfo, connect } from 'node:net';
import { text } from 'node:stream/consumers';
import { pino } from 'pino';
import { expect, onTestFinished, test } from 'vitest';
import { handleBadRequest } from '../../src/http/bad-requests.ts';
import { trackConnections } from '../../src/http/connections.ts';
import { openServer } from '../fixture.ts';

const { url, log } = await openServer();

/** Sends bytes that HTTP clients do not send, and reads until the server closes the connection. */
async function send(bytes: string, port = new URL(url).port) {
  const socket = connect(Number(port), '127.0.0.1');
  socket.write(bytes);
  const [head = '', body = ''] = (await text(socket)).split('\r\n\r\n');
  const [status = '', ...lines] = head.split('\r\n');
  const headers = new Headers(lines.map((line) => /^([^:]+): (.*)$/.exec(line)!.slice(1) as [string, string]));
  return { status: Number(status.split(' ')[1]), headers, body };
}

const host = 'Host: tasks.example.org\r\nConnection: close';
const long = 'x'.repeat(20_000);

test.for([
  ['a request that is not HTTP', 'What is this?\r\n\r\n', 400],
  ['a request with an unnamed header', `GET / HTTP/1.1\r\n: x\r\n${host}\r\n\r\n`, 400],
  ['a request with too large headers', `GET / HTTP/1.1\r\nX-Long: ${long}\r\n${host}\r\n\r\n`, 431],
  ['a request without host', 'GET /livez HTTP/1.1\r\n\r\n', 400],
  ['a request for a target that is not a URL', `GET http://[/api/auth/ok HTTP/1.1\r\n${host}\r\n\r\n`, 400],
  ['a request for a target of another scheme', `GET ftp://tasks/livez HTTP/1.1\r\n${host}\r\n\r\n`, 400],
  ['a request for a target with a long host', `GET http://${'%CD%84'.repeat(300)}/ HTTP/1.1\r\n${host}\r\n\r\n`, 400],
] as const)('%s gets an error in the format of failed calls', async ([, bytes, status]) => {
  const response = await send(bytes);
  const requestId = response.headers.get('x-request-id');
  expect(requestId).toMatch(/^[0-9a-f-]{36}$/);
  expect([response.status, response.headers.get('connection')]).toEqual([status, 'close']);
  expect(JSON.parse(response.body)).toEqual({
    error: {
      code: expect.any(Number),
      message: expect.stringMatching(/\w/),
      data: {
        code: 'BAD_REQUEST',
        httpStatus: status,
        path: null,
        requestId,
        validation: { errors: [expect.any(String)] },
      },
    },
  });
  await expect.poll(() => log).toContainEqual(expect.objectContaining({ requestId, status }));
});

test('a request that does not arrive in time gets 408 in the format of failed calls', async () => {
  const server = createServer({ requestTimeout: 50, connectionsCheckingInterval: 20 });
  handleBadRequest(server, trackConnections(server), pino({ level: 'silent' }));
  onTestFinished(() => void server.close());
  await once(server.listen(0, '127.0.0.1'), 'listening');
  const { port } = server.address() as AddressInfo;
  const response = await send('POST / HTTP/1.1\r\nHost: x\r\n', String(port));
  expect([response.status, response.headers.get('connection')]).toEqual([408, 'close']);
  expect(JSON.parse(response.body).error.data).toMatchObject({
    code: 'TIMEOUT',
    requestId: response.headers.get('x-request-id'),
  });
});

test('an unknown Expect header is ignored', async () => {
  const response = await send(`GET /livez HTTP/1.1\r\nExpect: foo\r\nX-Request-Id: expect-1\r\n${host}\r\n\r\n`);
  expect([response.status, response.headers.get('x-request-id')]).toEqual([200, 'expect-1']);
});

test('a target in absolute form is served by its path, and its host is ignored', async () => {
  for (const [path, status] of [
    ['/api/auth/ok', 200],
    ['/trpc/user.me?input=%7B%7D', 401],
    ['/livez', 200],
    ['/nothing', 404],
  ] as const) {
    expect(await send(`GET http://evil.example${path} HTTP/1.1\r\n${host}\r\n\r\n`)).toMatchObject({ status });
  }
});
