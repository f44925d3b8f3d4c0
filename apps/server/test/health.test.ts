import { expect, test } from 'vitest';
import { openDatabaseUrl, openGate, openServer } from './fixture.ts';

const gate = await openGate(await openDatabaseUrl());
const { url } = await openServer({ DATABASE_URL: gate.url });

const ask = async (path: string) => {
  const response = await fetch(url + path);
  return [response.status, await response.json()];
};

test('without its database the server lives and is not ready', async () => {
  expect(await ask('/readyz')).toEqual([200, { status: 'ok' }]);
  gate.shut();
  expect(await ask('/readyz')).toEqual([503, { status: 'unavailable', reason: 'database unreachable' }]);
  expect(await ask('/livez')).toEqual([200, { status: 'ok' }]);
  await gate.open();
  expect(await ask('/readyz')).toEqual([200, { status: 'ok' }]);
});

test('after a silent network the server is ready again as soon as the network is', async () => {
  expect(await ask('/readyz')).toEqual([200, { status: 'ok' }]);
  gate.swallow();
  const answers = await Promise.all([ask('/readyz'), ask('/readyz')]);
  expect(answers).toMatchObject([
    [503, { status: 'unavailable' }],
    [503, { status: 'unavailable' }],
  ]);
  expect(await ask('/readyz')).toMatchObject([503, { status: 'unavailable' }]);
  gate.pass();
  expect(await ask('/readyz')).toEqual([200, { status: 'ok' }]);
});
