import { expect, test } from 'vitest';
import { createTokenCache } from '../../src/auth/token-cache.ts';

const minute = 60_000;
const caller = { userId: '0190a000-0000-7000-8000-00000000000a', profile: { email: null, name: null } };
const credential = { caller, sessionId: null, streamSessionId: null, issuedAt: 0 };

function openCache(lifetime: number) {
  let [time, checks] = [1_000_000, 0];
  const expiresAt = time + lifetime;
  const find = createTokenCache(
    async (token) => {
      checks += 1;
      return token === 'right' && time < expiresAt ? { ...credential, expiresAt } : null;
    },
    () => time,
  );
  return { find, checks: () => checks, wait: (milliseconds: number) => (time += milliseconds) };
}

test('a verified token is not checked again for a minute', async () => {
  const cache = openCache(15 * minute);
  expect(await cache.find('right')).toMatchObject(credential);
  cache.wait(minute - 1);
  expect(await cache.find('right')).toMatchObject(credential);
  expect(cache.checks()).toBe(1);
  cache.wait(1);
  expect(await cache.find('right')).toMatchObject(credential);
  expect(cache.checks()).toBe(2);
});

test('a cached token is rejected after it expires, even within the minute', async () => {
  const cache = openCache(10_000);
  await cache.find('right');
  cache.wait(10_000);
  expect(await cache.find('right')).toBeNull();
});

test('a rejected token is not cached', async () => {
  const cache = openCache(15 * minute);
  expect(await cache.find('wrong')).toBeNull();
  expect(await cache.find('wrong')).toBeNull();
  expect(cache.checks()).toBe(2);
});

test('a token with the same last characters as a cached token is checked', async () => {
  const end = 'x'.repeat(86);
  const find = createTokenCache(async (token) =>
    token === `right.${end}` ? { ...credential, expiresAt: Infinity } : null,
  );
  expect(await find(`right.${end}`)).toMatchObject(credential);
  expect(await find(`wrong.${end}`)).toBeNull();
  expect(await find(`right.${end}`)).toMatchObject(credential);
});
