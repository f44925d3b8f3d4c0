import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { request } from 'node:http';
import type { Socket } from 'node:net';
import { openDatabase } from '@holdfast/db';
import { waitingForLocksSql } from '@holdfast/db/testing';
import { expect, onTestFinished, test, vi } from 'vitest';
import { bearer, createTokenCalls } from '../auth/api-token-fixture.ts';
import { openFaultProxyTo, openDatabaseUrl, openServer, post, signUp } from '../fixture.ts';
import { connect, protocols } from './assistant.ts';

const origin = 'https://app.example.org';
const databaseUrl = await openDatabaseUrl();
const proxy = await openFaultProxyTo(databaseUrl);
const { url, log } = await openServer({
  DATABASE_URL: proxy.url,
  DATABASE_POOL_WAIT_MS: '2000',
  TRUST_PROXY: '1',
  TRUSTED_ORIGINS: origin,
  RATE_LIMIT_PER_MINUTE: '0',
});
const tokens = createTokenCalls(url);
const { id: userId, session, jwt, cookie } = await signUp(url, 'ada@example.org');
const { token } = await tokens.create(session);

const accept = { accept: 'application/json, text/event-stream' };
const toMessage = (name: string, args: object = {}) => ({
  jsonrpc: '2.0',
  id: 1,
  method: 'tools/call',
  params: { name, arguments: args },
});
const send = (body: unknown, headers: Record<string, string> = {}) =>
  post(`${url}/mcp`, body, { ...accept, ...bearer(token), ...headers });

async function toFailure(response: Response) {
  const { error } = (await response.json()) as { error: { message: string; data: { code: string } } };
  return [response.status, error.data.code, error.message];
}

const findLine = (requestId: string, msg = 'request') =>
  vi.waitFor(() => {
    const found = log.find((line) => line['requestId'] === requestId && line['msg'] === msg);
    expect(found).toBeDefined();
    return found!;
  });

test.each(protocols)('with the protocol %s, a JWT, a session token and an API token work', async (protocol) => {
  for (const one of [jwt, session, token]) {
    expect(await (await connect(url, one, protocol)).call('find_lists')).toEqual({ lists: [] });
  }
});

test('GET, DELETE and every other method but POST are 405 with the allowed one on /mcp', async () => {
  for (const method of ['GET', 'HEAD', 'DELETE', 'PUT', 'PATCH']) {
    const response = await fetch(`${url}/mcp`, { method, headers: { ...bearer(token), ...accept } });
    expect([method, response.status, response.headers.get('allow')]).toEqual([method, 405, 'POST']);
    if (method === 'HEAD') continue;
    expect((await toFailure(response))[2]).toBe('Method not supported. Use POST.');
  }
});

test('without a valid token, a call is 401 and names the scheme, and the session cookie does not count', async () => {
  const revoked = await tokens.create(session);
  await tokens.revoke(session, revoked.id);
  const forbidden: [Record<string, string>, string][] = [
    [{}, 'This call needs a token. Send `Bearer <token>`.'],
    [{ cookie, origin: url }, 'This call needs a token. Send `Bearer <token>`.'],
    [bearer('hf_made-up'), 'The token is not valid or has expired. Sign in again.'],
    [bearer(revoked.token), 'The token is not valid or has expired. Sign in again.'],
  ];
  for (const [headers, message] of forbidden) {
    const response = await post(`${url}/mcp`, toMessage('find_tasks'), { ...accept, ...headers });
    expect(response.headers.get('www-authenticate')).toBe('Bearer');
    expect(await toFailure(response)).toEqual([401, 'UNAUTHORIZED', message]);
  }
});

test('pages of other origins are FORBIDDEN, and those of this server and of TRUSTED_ORIGINS are not', async () => {
  for (const own of [origin, url]) expect((await send(toMessage('find_lists'), { origin: own })).status).toBe(200);
  for (const other of ['https://evil.example.org', 'null', 'http://app.example.org', `${origin}.evil.org`]) {
    expect(await toFailure(await send(toMessage('find_lists'), { origin: other }))).toEqual([
      403,
      'FORBIDDEN',
      'Origin not allowed. Add it to TRUSTED_ORIGINS.',
    ]);
  }
});

test('a body that is not one JSON message of at most 1 MiB and a few keys is refused', async () => {
  const manyKeys = Object.fromEntries(Array.from({ length: 201 }, (_, at) => [`key${at}`, 1]));
  const refused: [unknown, Record<string, string>, number, string][] = [
    ['x=1', { 'content-type': 'application/x-www-form-urlencoded' }, 415, 'The body must be JSON.'],
    [toMessage('find_lists'), { 'content-encoding': 'gzip' }, 415, 'Compressed bodies are not supported.'],
    ['{"jsonrpc"', {}, 400, 'The body must be one JSON-RPC message.'],
    ['"text"', {}, 400, 'The body must be one JSON-RPC message.'],
    ['null', {}, 400, 'The body must be one JSON-RPC message.'],
    [[toMessage('find_lists'), toMessage('find_lists')], {}, 400, 'The body must be one JSON-RPC message.'],
    [toMessage('find_tasks', { search: 'x'.repeat(1024 * 1024) }), {}, 413, ''],
    [new Blob([Buffer.from('{"a":"\xff"}', 'latin1')]), {}, 400, 'UTF-8'],
    [toMessage('find_tasks', { x: Array.from({ length: 60_000 }, () => 1) }), {}, 400, 'too many parts'],
    [toMessage('find_tasks', manyKeys), {}, 400, 'too many keys'],
    [
      toMessage(
        'find_tasks',
        Array.from({ length: 201 }, () => 1),
      ),
      {},
      400,
      'too many keys',
    ],
    [
      JSON.stringify({ jsonrpc: '2.0', id: 1, method: 'tools/list', params: { _meta: manyKeys } }),
      {},
      400,
      'too many keys',
    ],
    [`{"jsonrpc":"2.0","id":1,"method":"x","params":${'['.repeat(5000)}${']'.repeat(5000)}}`, {}, 400, 'too many keys'],
  ];
  for (const [body, headers, status, text] of refused) {
    const [found, , message] = await toFailure(await send(body, headers));
    expect([found, message]).toEqual([status, expect.stringContaining(text)]);
  }
  for (const query of ['?x=1', '??x=1&x']) {
    const parameter = await post(`${url}/mcp${query}`, toMessage('find_lists'), { ...accept, ...bearer(token) });
    const name = query === '?x=1' ? '"x"' : '"?x", "x"';
    expect((await toFailure(parameter))[2]).toBe(`Unknown parameter: ${name}. This route has none.`);
  }
});

const toCall = (params: string) => `{"jsonrpc":"2.0","id":1,"method":"tools/call","params":${params}}`;

test('JSON that is no valid message, or nests very deep, is an error of the client and no failure of the server', async () => {
  const nested = `${'['.repeat(20_000)}${']'.repeat(20_000)}`;
  for (const body of [
    '{}',
    '{"jsonrpc":"2.0","method":1}',
    '{"jsonrpc":"2.0","id":1,"result":{}}',
    '{"jsonrpc":"2.0","id":1,"method":"made/up"}',
    '{"jsonrpc":"2.0","id":null,"method":"tools/list"}',
    '{"__proto__":{"x":1},"jsonrpc":"2.0","id":1,"method":"tools/list","params":null}',
    toCall('null'),
    toCall('[]'),
    toCall('{"name":["find_tasks"]}'),
    toCall('{"name":"__proto__","arguments":{}}'),
    toCall('{"name":"find_tasks","arguments":[]}'),
    toCall(`{"name":"find_tasks","arguments":{"search":${nested}}}`),
    toCall(`{"name":"find_tasks","_meta":{"x":${nested}}}`),
    toCall(`{"name":"find_tasks","_meta":{"io.modelcontextprotocol/protocolVersion":${nested}}}`),
  ]) {
    const response = await send(body);
    const shown = body.slice(0, 100);
    expect([shown, response.status < 500]).toEqual([shown, true]);
    await response.text();
  }
  expect((await send(toMessage('find_lists'))).status).toBe(200);
});

test('a subscription to changes of the tools is refused at once, since they never change', async () => {
  const meta = {
    'io.modelcontextprotocol/protocolVersion': '2026-07-28',
    'io.modelcontextprotocol/clientInfo': { name: 'test', version: '1' },
    'io.modelcontextprotocol/clientCapabilities': {},
  };
  const params = { notifications: { toolsListChanged: true }, _meta: meta };
  const message = { jsonrpc: '2.0', id: 1, method: 'subscriptions/listen', params };
  const headers = { 'mcp-protocol-version': '2026-07-28', 'mcp-method': 'subscriptions/listen' };
  const response = await send(message, headers);
  expect(await response.json()).toMatchObject({ id: 1, error: { message: 'Subscription limit reached' } });
});

test('a response has the headers of an API, and its request ID', async () => {
  const response = await send(toMessage('find_lists'), { 'x-request-id': 'mcp-1' });
  expect(Object.fromEntries(response.headers)).toMatchObject({
    'x-request-id': 'mcp-1',
    'cache-control': 'no-store',
    'content-security-policy': "default-src 'none';frame-ancestors 'none'",
    'x-content-type-options': 'nosniff',
    'content-length': expect.any(String),
  });
  expect(response.headers.get('mcp-session-id')).toBeNull();
});

test('the log has the tool, the user, the cost and the codes of errors, and no text or token', async () => {
  const secret = 'secret-words';
  await send(toMessage('find_tasks', { search: secret }), { 'x-request-id': 'mcp-2' });
  expect(await findLine('mcp-2')).toMatchObject({
    path: '/mcp',
    tool: 'find_tasks',
    userId,
    status: 200,
    statements: 1,
  });
  await send(toMessage('add_tasks', { items: [{ title: secret }] }), { 'x-request-id': 'mcp-3' });
  expect(await findLine('mcp-3')).toMatchObject({ tool: 'add_tasks', statements: 3 });
  await send(toMessage('get_task', { id: randomUUID() }), { 'x-request-id': 'mcp-4' });
  expect(await findLine('mcp-4')).toMatchObject({ tool: 'get_task', status: 200, code: 'NOT_FOUND' });
  await send(toMessage(secret), { 'x-request-id': 'mcp-5' });
  expect(await findLine('mcp-5')).not.toHaveProperty('tool');
  const text = JSON.stringify(log);
  for (const one of [secret, token, session, jwt]) expect(text).not.toContain(one);
});

async function readMetric(series: string): Promise<number> {
  const text = await (await fetch(`${url}/metrics`)).text();
  return Number(new RegExp(`^${series.replaceAll(/[{}]/g, String.raw`\$&`)} (\\d+)$`, 'm').exec(text)?.[1] ?? 0);
}

test('the metrics count a call of a tool as a call of its procedure', async () => {
  const names = [
    'holdfast_calls_total{procedure="task.get",outcome="NOT_FOUND"}',
    'holdfast_calls_total{procedure="list.list",outcome="OK"}',
    'holdfast_http_requests_total{route="mcp",status="2xx"}',
  ];
  const before = await Promise.all(names.map(readMetric));
  await send(toMessage('get_task', { id: randomUUID() }));
  await send(toMessage('find_lists'));
  expect(await Promise.all(names.map(readMetric))).toEqual([before[0]! + 1, before[1]! + 1, before[2]! + 2]);
});

test('a database that does not respond is a failed tool with a sentence for the assistant', async () => {
  const ada = await connect(url, jwt);
  await ada.call('find_lists');
  await proxy.disable();
  try {
    expect(await ada.fail('find_tasks')).toMatch(/^SERVICE_UNAVAILABLE: The database is /);
  } finally {
    await proxy.restore();
  }
  expect((await ada.call('find_lists')).lists).toEqual([]);
});

test('a client that disconnects before the end of its message leaves the server at work for others', async () => {
  const headers = { ...accept, ...bearer(token), 'content-type': 'application/json', 'x-request-id': 'mcp-6' };
  const left = request(`${url}/mcp`, { method: 'POST', headers: { ...headers, 'content-length': '1000' } });
  left.on('error', () => undefined);
  left.write('{"jsonrpc":');
  const [socket] = (await once(left, 'socket')) as [Socket];
  await once(socket, 'connect');
  left.destroy();
  expect(await findLine('mcp-6')).toMatchObject({ status: 499 });
  expect((await send(toMessage('find_lists'))).status).toBe(200);
});

test.each(protocols)(
  'with the protocol %s, a client that disconnects ends the statement of its call',
  async (protocol) => {
    const db = await openDatabase({ url: databaseUrl });
    onTestFinished(() => db.close());
    const ada = await connect(url, token, protocol);
    await db.acrossAllUsers(
      async (em) => {
        await em.execute('reset role');
        await em.execute('lock table tasks');
        const isWaiting = async () => (await em.execute(waitingForLocksSql)).length;
        const call = ada.call('find_tasks').catch(() => 'disconnected');
        await expect.poll(isWaiting).toBe(1);
        await ada.client.close();
        expect(await call).toBe('disconnected');
        await expect.poll(isWaiting).toBe(0);
      },
      { write: true },
    );
    expect((await send(toMessage('find_tasks'))).status).toBe(200);
    expect(log.filter(({ msg }) => msg === 'unexpected error')).toEqual([]);
  },
);
