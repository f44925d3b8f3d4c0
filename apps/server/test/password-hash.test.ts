import { stat } from 'node:fs/promises';
import { setImmediate as nextLoop } from 'node:timers/promises';
import { expect, test } from 'vitest';
import { createPasswordHash, hashForClient } from '../src/auth/password-hash.ts';
import { openServer, password, signUp } from './fixture.ts';

test('many passwords to hash leave threads free for other work', async () => {
  const { hash } = createPasswordHash();
  let done = 0;
  const hashes = Array.from({ length: 12 }, () => hash('correct horse').then(() => (done += 1)));
  await nextLoop();
  // This also needs a thread.
  await stat('.');
  expect(done).toBeLessThan(4);
  await Promise.all(hashes);
});

test('a password check that fails does not block later ones', async () => {
  const { hash, verify } = createPasswordHash();
  const checks = Array.from({ length: 4 }, () => verify({ hash: 'no hash', password: 'x' }));
  const [hashed] = await Promise.all([hash('x'), expect(Promise.any(checks)).rejects.toThrow(AggregateError)]);
  expect(await verify({ hash: hashed, password: 'x' })).toBe(true);
  expect(await verify({ hash: hashed, password: 'y' })).toBe(false);
});

test('passwords of clients that disconnect are not hashed', async () => {
  const { hash } = createPasswordHash();
  const client = new AbortController();
  const states = Array.from({ length: 30 }, () =>
    hashForClient(client.signal, () => hash('correct horse')).then(
      () => 'hashed',
      ({ code }) => code as string,
    ),
  );
  const other = hashForClient(new AbortController().signal, () => hash('x'));
  client.abort();
  await other;
  expect(await Promise.all(states)).toEqual([
    'hashed',
    'hashed',
    ...Array.from({ length: 28 }, () => 'CLIENT_CLOSED_REQUEST'),
  ]);
});

test('400 sign-ins whose clients disconnect do not delay the next one', async () => {
  const { url, log } = await openServer({ TRUST_PROXY: '1' });
  await signUp(url, 'ada@example.org');
  const signIn = (email: string, address: string, signal?: AbortSignal) =>
    fetch(`${url}/api/auth/sign-in/email`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', 'x-forwarded-for': address, 'x-request-id': `from-${address}` },
      body: JSON.stringify({ email, password }),
      signal: signal ?? null,
    });
  const client = new AbortController();
  const statuses = new Map<string, number>();
  const gone = Array.from({ length: 400 }, (_, at) => `198.51.${at >> 7}.${at & 127}`).map(async (address) => {
    const response = await signIn('nobody@example.org', address, client.signal).catch(() => null);
    if (response) statuses.set(address, response.status);
    if (response?.status === 503) return response.json();
    return null;
  });
  await expect.poll(() => [...statuses.values()].filter((status) => status === 503).length).toBeGreaterThan(300);
  client.abort();
  const refused = (await Promise.all(gone)).find((found) => found !== null);
  expect(refused).toMatchObject({
    error: { data: { code: 'SERVICE_UNAVAILABLE', retryAfterMs: 2000, isRetryable: true } },
  });
  expect((await signIn('ada@example.org', '203.0.113.1')).status).toBe(200);
  // All others have ended before, with or without a response.
  await expect
    .poll(
      () => log.filter(({ msg, requestId }) => msg === 'request' && String(requestId).startsWith('from-198.')).length,
    )
    .toBe(400);
});

test('a prepared hash needs no turn, so that a transaction does not wait for it', async () => {
  const { hash, prepare, verify } = createPasswordHash();
  await hashForClient(new AbortController().signal, async () => {
    await prepare('correct horse');
    const others = Array.from({ length: 42 }, () => hash('x').catch(() => 'refused'));
    await expect(hash('another')).rejects.toMatchObject({ code: 'SERVICE_UNAVAILABLE' });
    const prepared = await hash('correct horse');
    expect(await Promise.all(others)).not.toContain('refused');
    expect(await verify({ hash: prepared, password: 'correct horse' })).toBe(true);
  });
});
