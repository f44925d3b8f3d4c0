import { expect, test } from 'vitest';
import { openDatabaseUrl, openFaultProxyTo, openServer } from './fixture.ts';

const line = await openFaultProxyTo(await openDatabaseUrl());
const { url } = await openServer({ DATABASE_URL: line.url });

const ask = async (path: string) => {
  const response = await fetch(url + path);
  return [response.status, await response.json()];
};

test('without its database the server lives and is not ready', async () => {
  expect(await ask('/readyz')).toEqual([200, { status: 'ok' }]);
  await line.cut();
  expect(await ask('/readyz')).toEqual([503, { status: 'unavailable', reason: 'database unreachable' }]);
  expect(await ask('/livez')).toEqual([200, { status: 'ok' }]);
  await line.mend();
  expect(await ask('/readyz')).toEqual([200, { status: 'ok' }]);
});

test('after a silent network the server is ready again as soon as the network is', async () => {
  expect(await ask('/readyz')).toEqual([200, { status: 'ok' }]);
  line.silence('everything');
  const answers = await Promise.all([ask('/readyz'), ask('/readyz')]);
  expect(answers).toMatchObject([
    [503, { status: 'unavailable' }],
    [503, { status: 'unavailable' }],
  ]);
  expect(await ask('/readyz')).toMatchObject([503, { status: 'unavailable' }]);
  await line.mend();
  expect(await ask('/readyz')).toEqual([200, { status: 'ok' }]);
});
