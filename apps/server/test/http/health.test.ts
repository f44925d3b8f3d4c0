import { expect, test } from 'vitest';
import { openDatabaseUrl, openFaultProxyTo, openServer } from '../fixture.ts';

const proxy = await openFaultProxyTo(await openDatabaseUrl());
const { url } = await openServer({ DATABASE_URL: proxy.url });

const check = async (path: string) => {
  const response = await fetch(url + path);
  return [response.status, await response.json()];
};

test('without its database, the server is live but not ready', async () => {
  expect(await check('/readyz')).toEqual([200, { status: 'ok' }]);
  await proxy.disable();
  expect(await check('/readyz')).toEqual([503, { status: 'unavailable', reason: 'database unreachable' }]);
  expect(await check('/livez')).toEqual([200, { status: 'ok' }]);
  await proxy.restore();
  expect(await check('/readyz')).toEqual([200, { status: 'ok' }]);
});

test('after a network that lost all packets works again, the server is ready again', async () => {
  expect(await check('/readyz')).toEqual([200, { status: 'ok' }]);
  proxy.stall('everything');
  const responses = await Promise.all([check('/readyz'), check('/readyz')]);
  expect(responses).toMatchObject([
    [503, { status: 'unavailable' }],
    [503, { status: 'unavailable' }],
  ]);
  expect(await check('/readyz')).toMatchObject([503, { status: 'unavailable' }]);
  await proxy.restore();
  expect(await check('/readyz')).toEqual([200, { status: 'ok' }]);
});
