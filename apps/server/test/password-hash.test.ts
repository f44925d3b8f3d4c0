import { stat } from 'node:fs/promises';
import { setImmediate as nextLoop } from 'node:timers/promises';
import { expect, test } from 'vitest';
import { createPasswordHash } from '../src/auth/password-hash.ts';

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
