import { once } from 'node:events';
import { createServer } from 'node:http';
import { type AddressInfo, connect } from 'node:net';
import { text } from 'node:stream/consumers';
import { pino } from 'pino';
import { expect, onTestFinished, test } from 'vitest';
import { handleBadRequest } from '../src/http/bad-requests.ts';
import { watchConnections } from '../src/http/connections.ts';
import { openServer } from './fixture.ts';

const { url, log } = await openServer();

/** Sends bytes as they are, for what no proper client would send, and reads until the server ends the connection. */
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
  ['no HTTP', 'What is this?\r\n\r\n', 400],
  ['a header without name', `GET / HTTP/1.1\r\n: x\r\n${host}\r\n\r\n`, 400],
  ['too large headers', `GET / HTTP/1.1\r\nX-Long: ${long}\r\n${host}\r\n\r\n`, 431],
  ['a request without host', 'GET /livez HTTP/1.1\r\n\r\n', 400],
  ['a target that is no URL', `GET http://[/api/auth/ok HTTP/1.1\r\n${host}\r\n\r\n`, 400],
  ['a target of another scheme', `GET ftp://tasks/livez HTTP/1.1\r\n${host}\r\n\r\n`, 400],
] as const)('%s is answered in the shape of a failed call', async ([, bytes, status]) => {
  const answer = await send(bytes);
  const requestId = answer.headers.get('x-request-id');
  expect(requestId).toMatch(/^[0-9a-f-]{36}$/);
  expect([answer.status, answer.headers.get('connection')]).toEqual([status, 'close']);
  expect(JSON.parse(answer.body)).toEqual({
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
  expect(log).toContainEqual(expect.objectContaining({ requestId, status }));
});

test('a request that does not arrive in time is answered in the same shape', async () => {
  const server = createServer({ requestTimeout: 50, connectionsCheckingInterval: 20 });
  handleBadRequest(server, watchConnections(server), pino({ level: 'silent' }));
  onTestFinished(() => void server.close());
  await once(server.listen(0, '127.0.0.1'), 'listening');
  const { port } = server.address() as AddressInfo;
  const answer = await send('POST / HTTP/1.1\r\nHost: x\r\n', String(port));
  expect([answer.status, answer.headers.get('connection')]).toEqual([408, 'close']);
  expect(JSON.parse(answer.body).error.data).toMatchObject({
    code: 'TIMEOUT',
    requestId: answer.headers.get('x-request-id'),
  });
});

test('an expectation that nobody knows is passed over', async () => {
  const answer = await send(`GET /livez HTTP/1.1\r\nExpect: foo\r\nX-Request-Id: expect-1\r\n${host}\r\n\r\n`);
  expect([answer.status, answer.headers.get('x-request-id')]).toEqual([200, 'expect-1']);
});

test('a target in absolute form is its path, whatever host it names', async () => {
  for (const [path, status] of [
    ['/api/auth/ok', 200],
    ['/trpc/user.me?input=%7B%7D', 401],
    ['/livez', 200],
    ['/nothing', 404],
  ] as const) {
    expect(await send(`GET http://evil.example${path} HTTP/1.1\r\n${host}\r\n\r\n`)).toMatchObject({ status });
  }
});
