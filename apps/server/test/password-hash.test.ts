import { stat } from 'node:fs/promises';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { expect, test } from 'vitest';
import { createPasswordHash } from '../src/auth/password-hash.ts';

test('a crowd of passwords leaves threads to others', async () => {
  const { hash } = createPasswordHash();
  let done = 0;
  const hashes = Array.from({ length: 12 }, () => hash('correct horse').then(() => (done += 1)));
  await nextTurn();
  // This needs a thread as well.
  await stat('.');
  expect(done).toBeLessThan(4);
  await Promise.all(hashes);
});

test('a password that cannot be checked is in nobody’s way', async () => {
  const { hash, verify } = createPasswordHash();
  const failing = Array.from({ length: 4 }, () => verify({ hash: 'no hash', password: 'x' }));
  const made = await hash('x');
  await expect(Promise.any(failing)).rejects.toThrow(AggregateError);
  expect(await verify({ hash: made, password: 'x' })).toBe(true);
  expect(await verify({ hash: made, password: 'y' })).toBe(false);
});
