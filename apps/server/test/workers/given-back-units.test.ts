import { openRateLimitStore } from '@holdfast/db';
import { expect, onTestFinished, test } from 'vitest';
import { createPeers } from '../../src/peers/peers.ts';
import type { Rule } from '../../src/peers/shared-limit.ts';
import { createLimiters } from '../../src/rate-limit.ts';
import { Hub } from '../../src/workers/hub.ts';
import { countLimits } from '../../src/workers/limits.ts';
import { openDatabaseUrl } from '../fixture.ts';

const rule: Rule = { name: 'attempts', max: 3, windowSeconds: 600, canGiveBack: true };

const recordFailure = (_topic: string, error: unknown) => {
  throw error;
};

/** Limiters of two workers of one server. */
function openWorkers() {
  const hub = new Hub(recordFailure);
  countLimits(hub, 2);
  return [1, 2].map((id) => {
    const peers = createPeers({ send: (message) => hub.receive(id, message), recordFailure });
    hub.add(id, (message) => peers.receive(message));
    return createLimiters(null, { number: id, workers: 2, peers })(rule);
  });
}

/** Limiters of two servers that count in one database. */
async function openServers() {
  const url = await openDatabaseUrl();
  return [1, 2].map(() => {
    const store = openRateLimitStore({ url });
    onTestFinished(() => store.close());
    return createLimiters(store)(rule);
  });
}

for (const [name, open] of Object.entries({
  'two workers': openWorkers,
  'two servers with one database': openServers,
})) {
  test(`units that are given back over the limit can be used again in each of ${name}`, async () => {
    const [one, other] = await open();
    for (let unit = 1; unit <= 3; unit += 1) expect(await one!('key')).toBeNull();
    // Both know that the key is over its limit.
    expect(await one!('key')).toEqual(expect.any(Number));
    expect(await other!('key')).toEqual(expect.any(Number));
    const refusals = name === 'two workers' ? 1 : 2;
    for (let unit = 1; unit <= refusals + 1; unit += 1) await other!('key', -1);
    expect(await one!('key')).toBeNull();
    expect(await one!('key')).toEqual(expect.any(Number));
    await one!('key', -1);
    await one!('key', -1);
    expect(await other!('key')).toBeNull();
    expect(await other!('key')).toEqual(expect.any(Number));
    expect(await other!('another key')).toBeNull();
  });
}
