import { expect, test } from 'vitest';
import { openDatabaseUrl, openFaultProxyTo, openServer } from './fixture.ts';

const proxy = await openFaultProxyTo(await openDatabaseUrl());
const { url } = await openServer({ DATABASE_URL: proxy.url });

const ask = async (path: string) => {
  const response = await fetch(url + path);
  return [response.status, await response.json()];
};

test('without its database the server lives and is not ready', async () => {
  expect(await ask('/readyz')).toEqual([200, { status: 'ok' }]);
  await proxy.disable();
  expect(await ask('/readyz')).toEqual([503, { status: 'unavailable', reason: 'database unreachable' }]);
  expect(await ask('/livez')).toEqual([200, { status: 'ok' }]);
  await proxy.restore();
  expect(await ask('/readyz')).toEqual([200, { status: 'ok' }]);
});

test('after a silent network the server is ready again as soon as the network is', async () => {
  expect(await ask('/readyz')).toEqual([200, { status: 'ok' }]);
  proxy.stall('everything');
  const answers = await Promise.all([ask('/readyz'), ask('/readyz')]);
  expect(answers).toMatchObject([
    [503, { status: 'unavailable' }],
    [503, { status: 'unavailable' }],
  ]);
  expect(await ask('/readyz')).toMatchObject([503, { status: 'unavailable' }]);
  await proxy.restore();
  expect(await ask('/readyz')).toEqual([200, { status: 'ok' }]);
});
