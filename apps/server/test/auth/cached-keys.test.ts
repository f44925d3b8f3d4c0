import { countTurns } from '@holdfast/operation/testing';
import { errors, type FlattenedJWSInput, generateKeyPair, exportJWK, type JWK } from 'jose';
import { expect, test } from 'vitest';
import { createCachedKeys } from '../../src/auth/cached-keys.ts';

const issuer = 'https://tasks.example.org';

async function createKey(kid: string): Promise<JWK> {
  const { publicKey } = await generateKeyPair('EdDSA');
  return { ...(await exportJWK(publicKey)), alg: 'EdDSA', kid };
}

const toToken = (iss: unknown): FlattenedJWSInput => ({
  payload: Buffer.from(JSON.stringify({ iss })).toString('base64url'),
  signature: '',
});

/** Cached keys of an issuer whose keys and number of loads the test sees. */
async function open({ intervalMs = 10, maxAgeMs = 600_000 } = {}) {
  const issued = { keys: [await createKey('one')], loads: 0, isDown: false, isReady: Promise.resolve() };
  const find = createCachedKeys({
    issuer,
    intervalMs,
    maxAgeMs,
    async load() {
      issued.loads += 1;
      const { keys, isDown, isReady } = issued;
      await new Promise((resolve) => setImmediate(resolve));
      await isReady;
      if (isDown) throw new Error('down');
      return { keys };
    },
  });
  const findKey = async (kid: string, iss: unknown = issuer) => find({ alg: 'EdDSA', kid }, toToken(iss));
  return { issued, findKey };
}

test('a key that was added after the last load is found, however many tokens with it arrive at once', async () => {
  const { issued, findKey } = await open();
  await findKey('one');
  issued.keys = [...issued.keys, await createKey('two')];
  const found = await Promise.all(Array.from({ length: 20 }, () => findKey('two')));
  expect(new Set(found).size).toBe(1);
  expect(issued.loads).toBe(2);
});

test('tokens that waited for the same load continue one after the other, and other work runs meanwhile', async () => {
  const { issued, findKey } = await open();
  await findKey('one');
  issued.keys = [...issued.keys, await createKey('two')];
  const waiting = Array.from({ length: 50 }, () => findKey('two'));
  await waiting[0];
  const { turns } = await countTurns(() => Promise.all(waiting));
  expect(turns).toBeGreaterThan(40);
});

test('a key that is added while keys are loaded is found by a token that arrives then', async () => {
  const { issued, findKey } = await open();
  await findKey('one');
  const refused = Promise.allSettled([findKey('unknown')]);
  await expect.poll(() => issued.loads).toBe(2);
  issued.keys = [...issued.keys, await createKey('two')];
  const found = findKey('two');
  expect(await refused).toMatchObject([{ reason: expect.any(errors.JWKSNoMatchingKey) }]);
  expect(await found).toBeDefined();
});

test('tokens that arrive while the first keys are loaded share this load', async () => {
  const { issued, findKey } = await open({ intervalMs: 3_600_000 });
  const ready = Promise.withResolvers<void>();
  issued.isReady = ready.promise;
  const first = findKey('one');
  await expect.poll(() => issued.loads).toBe(1);
  const second = findKey('one');
  ready.resolve();
  expect(await second).toBe(await first);
  expect(issued.loads).toBe(1);
});

test('tokens that arrive while outdated keys are loaded again share this load', async () => {
  const { issued, findKey } = await open({ intervalMs: 1, maxAgeMs: 1 });
  await findKey('one');
  const [loadedAt, ready] = [performance.now(), Promise.withResolvers<void>()];
  issued.isReady = ready.promise;
  await expect.poll(() => performance.now() - loadedAt).toBeGreaterThan(1);
  const first = findKey('one');
  await expect.poll(() => issued.loads).toBe(2);
  const second = findKey('one');
  ready.resolve();
  await Promise.all([first, second]);
  expect(issued.loads).toBe(2);
});

test('500 tokens with unknown keys at once cause one load, and tokens of other issuers cause none', async () => {
  const { issued, findKey } = await open();
  await findKey('one');
  const unknown = await Promise.allSettled(Array.from({ length: 500 }, (_, at) => findKey(`unknown ${at}`)));
  for (const outcome of unknown) expect(outcome).toMatchObject({ reason: expect.any(errors.JWKSNoMatchingKey) });
  expect(issued.loads).toBe(2);
  for (const other of ['https://other.example.org', null, { iss: issuer }]) {
    await expect(findKey('unknown', other)).rejects.toThrow(errors.JWKSNoMatchingKey);
  }
  expect(issued.loads).toBe(2);
});

test('of too many tokens that wait for a load, the rest is refused as unavailable', async () => {
  const { findKey } = await open();
  await findKey('one');
  const outcomes = await Promise.allSettled(Array.from({ length: 1001 }, () => findKey('unknown')));
  const reasons = outcomes.map((outcome) => (outcome.status === 'rejected' ? (outcome.reason as Error).name : ''));
  expect(reasons.filter((name) => name === 'KeysUnavailableError')).toHaveLength(1);
});

test('after a load that failed, known keys are still found and the next token tries again', async () => {
  const { issued, findKey } = await open();
  await findKey('one');
  issued.isDown = true;
  await expect(findKey('two')).rejects.toThrow('down');
  expect(await findKey('one')).toBeDefined();
  issued.isDown = false;
  issued.keys = [...issued.keys, await createKey('two')];
  expect(await findKey('two')).toBeDefined();
});
