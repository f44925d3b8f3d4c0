import { expect, test } from 'vitest';
import type { WireRequest } from './fixtures/http-wire.ts';
import { openPair } from './fixtures/pair.ts';

/** Mulberry32, a generator of pseudo-random numbers: equal seeds give equal numbers. */
function createRandom(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

const paths = ['empty', 'list', 'echo', 'greet', 'date', 'me', 'recorded', 'odd%20name', 'deep.deeper.get'];
const failures = [
  'fail.error',
  'fail.object',
  'fail.own',
  'fail.output',
  'odd.bigint',
  'odd.promise',
  'odd.thenable',
  'fail.formatter',
];
const mutations = ['touch', 'add', 'save', 'twice', 'guarded', 'fail.save'];
const unknownPaths = ['missing', '', '%', '%zz', 'toString', 'echo/', 'a/echo', 'Echo', 'deep.none', '%2C'];
const values = [
  '1',
  'null',
  '"a b"',
  '{}',
  '[]',
  '{"name":"Ada"}',
  '{"title":"one"}',
  '{"0":1}',
  '{"0":{"name":"Ada"},"1":null}',
];
const malformed = ['', '{', 'undefined', '%', '"\\ud800"', '\ufeff1', `"${'x'.repeat(400)}"`, '{"json":1,"dates":[]}'];
const types = [
  'application/json',
  'application/json',
  'application/json; charset=utf-8',
  'Application/JSON',
  'text/plain',
  '',
];
const accepts = ['*/*', 'application/json', 'application/jsonl', 'text/html;q=0.5'];
const contexts = ['unauthorized', 'broken', 'slow', 'reads', 'header', 'status'];
const metas = ['status', 'record', 'headers', 'type', 'cookies', 'bodiless', 'throws', 'invalid', 'zero'];

function createRequestMaker(random: () => number): () => WireRequest {
  const pick = <Item>(items: readonly Item[]) => items[Math.floor(random() * items.length)]!;
  const happens = (chance: number) => random() < chance;

  function makeTarget(method: string, isBatch: boolean): string {
    const common = happens(0.85) === (method === 'GET') ? [...paths, ...failures] : mutations;
    const count = isBatch ? 1 + Math.floor(random() * 5) : 1;
    const names = Array.from({ length: count }, () => (happens(0.05) ? pick(unknownPaths) : pick(common)));
    const parts = isBatch ? ['batch=1'] : happens(0.05) ? ['batch=0'] : [];
    if (method === 'GET' ? happens(0.8) : happens(0.1)) {
      const value = happens(0.85) ? pick(values) : pick(malformed);
      parts.push(`input=${happens(0.9) ? encodeURIComponent(value.toWellFormed()) : value.replace(/[^!-~]/g, '+')}`);
    }
    if (happens(0.05)) parts.push(pick(['x=1', 'input=2', 'connectionParams=%7B%7D', '=', 'batch=1']));
    if (happens(0.2)) parts.reverse();
    return `/trpc/${names.join(pick([',', ',', '%2C']))}${parts.length > 0 ? `?${parts.join('&')}` : ''}`;
  }

  return () => {
    const method = pick(['GET', 'GET', 'GET', 'POST', 'POST', 'POST', pick(['PUT', 'HEAD', 'OPTIONS', 'DELETE'])]);
    const headers: Record<string, string> = {};
    if (method === 'POST' || happens(0.1)) headers['content-type'] = pick(types);
    if (happens(0.3)) headers['accept'] = pick(accepts);
    if (happens(0.3)) headers['authorization'] = 'ada';
    if (happens(0.1)) headers['x-context'] = pick(contexts);
    if (happens(0.1)) headers['x-meta'] = pick(metas);
    if (happens(0.02)) headers['trpc-accept'] = 'application/jsonl';
    if (happens(0.02)) headers['connection'] = 'close';
    const hasBody = method === 'POST' ? happens(0.95) : method === 'PUT';
    const body = happens(0.85) ? pick(values) : pick(malformed);
    return { method, target: makeTarget(method, happens(0.4)), headers, ...(hasBody && { body }) };
  };
}

test.each([1, 2])('600 random requests from seed %i get the same responses from both adapters', async (seed) => {
  const pair = await openPair({ options: { maxBatchSize: 4, maxBodySize: 300 } });
  const makeRequest = createRequestMaker(createRandom(seed));
  let fast = 0;
  for (let made = 0; made < 600; made += 1) {
    const request = makeRequest();
    const { isFast, events } = await pair.compare(request).catch((cause: unknown) => {
      throw new Error(`request ${made} of seed ${seed}: ${JSON.stringify(request)}`, { cause });
    });
    if (!isFast) continue;
    fast += 1;
    expect(JSON.stringify(events)).not.toContain('stream error');
  }
  await pair.close();
  // With fewer, the random requests would not test the fast path enough.
  expect(fast).toBeGreaterThan(250);
});
