import { expect, test } from 'vitest';
import { bearer, createTokenCalls } from '../auth/api-token-fixture.ts';
import { openServer, post, signUp } from '../fixture.ts';

const { url } = await openServer({ TRUST_PROXY: '1', RATE_LIMIT_PER_MINUTE: '10' });
const tokens = createTokenCalls(url);
const accept = { accept: 'application/json, text/event-stream' };
const message = { jsonrpc: '2.0', id: 1, method: 'tools/call', params: { name: 'find_lists', arguments: {} } };

test('messages of an assistant count as calls of its user, together with all other calls', async () => {
  const { session, jwt } = await signUp(url, 'ada@example.org');
  const { token } = await tokens.create(session);
  const send = () => post(`${url}/mcp`, message, { ...accept, ...bearer(token) });
  const statuses: number[] = [];
  for (let at = 0; at < 12; at += 1) statuses.push((await send()).status);
  expect(statuses.slice(0, 5)).toEqual([200, 200, 200, 200, 200]);
  const refused = await send();
  expect([refused.status, Number(refused.headers.get('retry-after')) > 0]).toEqual([429, true]);
  expect(await refused.json()).toMatchObject({ error: { data: { code: 'TOO_MANY_REQUESTS' } } });
  expect((await fetch(`${url}/trpc/user.me`, { headers: bearer(jwt) })).status).toBe(429);
});

test('messages without a valid token count for the address', async () => {
  const statuses: number[] = [];
  for (let at = 0; at < 11; at += 1) {
    const headers = { ...accept, ...bearer('hf_made-up'), 'x-forwarded-for': '10.9.9.9' };
    statuses.push((await post(`${url}/mcp`, message, headers)).status);
  }
  expect(new Set(statuses)).toEqual(new Set([401, 429]));
});
