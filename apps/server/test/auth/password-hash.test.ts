import { readdirSync, readFileSync } from 'node:fs';
import { stat } from 'node:fs/promises';
import { getPriority } from 'node:os';
import { setImmediate as nextLoop } from 'node:timers/promises';
import { expect, test } from 'vitest';
import { createPasswordHash, type HashClient, hashForClient } from '../../src/auth/password-hash.ts';
import { createToShare } from '../../src/peers/place.ts';
import { openServer, password, signUp } from '../fixture.ts';

const toClient = (key = 'any', signal = new AbortController().signal): HashClient => ({ key, signal });

test('many passwords to hash leave threads free for other work', async () => {
  const { hash } = createPasswordHash(createToShare());
  let done = 0;
  const hashes = Array.from({ length: 12 }, () => hash('correct horse').then(() => (done += 1)));
  await nextLoop();
  // This also needs a thread.
  await stat('.');
  expect(done).toBeLessThan(4);
  await Promise.all(hashes);
});

test.runIf(process.platform === 'linux')('threads that hash passwords leave the processors to other work', async () => {
  createPasswordHash(createToShare());
  const folder = '/proc/self/task';
  const hashing = () =>
    readdirSync(folder).filter((thread) => readFileSync(`${folder}/${thread}/comm`, 'utf8').startsWith('libuv-worker'));
  await expect.poll(() => hashing().length).toBeGreaterThan(0);
  await expect.poll(() => hashing().every((thread) => getPriority(Number(thread)) > getPriority())).toBe(true);
});

test('a password check that fails does not block later ones', async () => {
  const { hash, verify } = createPasswordHash(createToShare());
  const checks = Array.from({ length: 4 }, () => verify({ hash: 'no hash', password: 'x' }));
  const [hashed] = await Promise.all([hash('x'), expect(Promise.any(checks)).rejects.toThrow(AggregateError)]);
  expect(await verify({ hash: hashed, password: 'x' })).toBe(true);
  expect(await verify({ hash: hashed, password: 'y' })).toBe(false);
});

// To normalize all of it takes minutes.
test('of a text that is much longer than a password, only the beginning is hashed', async () => {
  const { hash, verify } = createPasswordHash(createToShare());
  const long = `a${'\u0301'.repeat(200_000)}${'\u0316'.repeat(200_000)}`;
  expect(await verify({ hash: await hash('a'), password: long })).toBe(false);
  expect(await verify({ hash: await hash(long), password: 'a' })).toBe(false);
});

test('a password of 128 letters is the same in each normalization form', async () => {
  const { hash, verify } = createPasswordHash(createToShare());
  const long = 'ᾂ'.repeat(128);
  expect(await verify({ hash: await hash(long.normalize('NFC')), password: long.normalize('NFD') })).toBe(true);
});

test('passwords of clients that disconnect are not hashed', async () => {
  const { hash } = createPasswordHash(createToShare());
  const client = new AbortController();
  const states = Array.from({ length: 20 }, () =>
    hashForClient(toClient('any', client.signal), () => hash('correct horse')).then(
      () => 'hashed',
      ({ code }) => code as string,
    ),
  );
  const other = hashForClient(toClient(), () => hash('x'));
  client.abort();
  await other;
  expect(await Promise.all(states)).toEqual([
    'hashed',
    'hashed',
    ...Array.from({ length: 18 }, () => 'CLIENT_CLOSED_REQUEST'),
  ]);
});

test('of 400 sign-ins at once, those beyond the queue are refused at once, and a later one succeeds', async () => {
  const { url } = await openServer({ TRUST_PROXY: '1' });
  await signUp(url, 'ada@example.org');
  const signIn = (email: string, address: string, signal?: AbortSignal) =>
    fetch(`${url}/api/auth/sign-in/email`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', 'x-forwarded-for': address },
      body: JSON.stringify({ email, password }),
      signal: signal ?? null,
    });
  const client = new AbortController();
  const refused: unknown[] = [];
  const gone = Array.from({ length: 400 }, (_, at) => `198.51.${at >> 7}.${at & 127}`).map(async (address) => {
    const response = await signIn('nobody@example.org', address, client.signal);
    if (response.status === 503) refused.push(await response.json());
  });
  const ended = Promise.allSettled(gone);
  await expect.poll(() => refused.length).toBeGreaterThan(0);
  client.abort();
  await ended;
  expect(refused[0]).toMatchObject({
    error: { data: { code: 'SERVICE_UNAVAILABLE', retryAfterMs: 2000, isRetryable: true } },
  });
  // The server notices the disconnected clients a moment later.
  await expect.poll(async () => (await signIn('ada@example.org', '203.0.113.1')).status).toBe(200);
});

test('a prepared hash needs no turn, so that a transaction does not wait for it', async () => {
  const { hash, prepare, verify } = createPasswordHash(createToShare());
  await hashForClient(toClient(), async () => {
    await prepare('correct horse');
    const others = Array.from({ length: 22 }, () => hash('x').catch(() => 'refused'));
    // The queue is full, so this one takes the place of the oldest.
    const another = hash('another');
    const prepared = await hash('correct horse');
    await expect(another).resolves.not.toBe('refused');
    expect((await Promise.all(others)).filter((outcome) => outcome === 'refused')).toHaveLength(1);
    expect(await verify({ hash: prepared, password: 'correct horse' })).toBe(true);
  });
});

test('a sign-in waits for its hash although another network then fills the queue', async () => {
  const { hash } = createPasswordHash(createToShare());
  const hashFor = (key: string) => hashForClient(toClient(key), () => hash('correct horse'));
  const others = Array.from({ length: 10 }, () => hashFor('other').catch(() => 'refused'));
  const waiting = hashFor('own');
  others.push(...Array.from({ length: 30 }, () => hashFor('other').catch(() => 'refused')));
  await expect(waiting).resolves.not.toBe('refused');
  expect((await Promise.all(others)).filter((outcome) => outcome === 'refused')).toHaveLength(40 - 2 - 19);
});

test('the turn of a client to use the library ends before it waits for a hash', async () => {
  const { hash, prepare } = createPasswordHash(createToShare());
  const order: string[] = [];
  const client = { ...toClient(), endTurn: () => void order.push('turn ended') };
  await hashForClient(client, async () => {
    const prepared = prepare('correct horse');
    order.push('waits');
    await prepared;
    await hash('correct horse');
  });
  expect(order).toEqual(['turn ended', 'waits']);
});
