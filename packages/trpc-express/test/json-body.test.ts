import { countTurns } from '@holdfast/operation/testing';
import { expect, test } from 'vitest';
import { toJsonBody } from '../src/json-body.ts';

const times = <Item>(count: number, make: (at: number) => Item) => Array.from({ length: count }, (_, at) => make(at));
const items = (count: number) =>
  times(count, (at) => ({ id: at, title: `"é😀\n${at}`, labels: ['x'], none: undefined }));

const same = { result: { data: { items: items(90), nextCursor: null } } };

const countBytes = (parts: readonly Buffer[]) => parts.reduce((bytes, part) => bytes + part.length, 0);

async function write(value: unknown): Promise<string> {
  const body = await toJsonBody(value);
  return typeof body === 'string' ? body : Buffer.concat(body).toString();
}

test.for([
  ['a short list', { result: { data: { items: items(3), nextCursor: null } } }],
  ['a long list', { result: { data: { items: items(500), nextCursor: null } } }],
  ['a long list of one call of a batch', [{ result: { data: { id: 1 } } }, { result: { data: { items: items(90) } } }]],
  ['long lists of a batch', times(25, () => ({ result: { data: { items: items(30), lists: items(40), next: 'x' } } }))],
  ['a long list without a frame', { items: items(700), total: undefined, more: () => 1 }],
  ['holes and values without JSON', { result: { data: [undefined, () => 1, Symbol('x'), NaN, ...items(30)] } }],
  ['values with a form of their own', { at: new Date(0), items: [new Date(1), ...times(30, (at) => new Date(at))] }],
  ['lists in lists', { result: { data: { items: times(30, () => ({ parts: times(50, (at) => [at, items(25)]) })) } } }],
  ['the same list several times', [...times(3, () => same), { result: { data: { items: items(40) } } }, null, same]],
  ['no data', { result: {} }],
  ['only a text', 'x'],
  ['long items of a short list', { result: { data: { items: times(3, () => ({ text: '\u0001é'.repeat(50_000) })) } } }],
  ['long texts', { result: { data: { items: times(40, () => '😀'.repeat(50_000)) } } }],
] as const)('the JSON of a response with %s is that of JSON.stringify', async ([, value]) => {
  expect(await write(value)).toBe(JSON.stringify(value));
});

test.for([
  ['many', 30],
  ['long', 15],
] as const)('other work runs while the JSON of a response with %s items is written', async ([, count]) => {
  const text = '\u0001'.repeat(10_000);
  const value = times(20, () => ({ result: { data: { items: times(count, (at) => ({ at, text })) } } }));
  const { result, turns } = await countTurns(async () => toJsonBody(value));
  expect(turns).toBeGreaterThan(5);
  expect(countBytes(result as Buffer[])).toBeGreaterThan(20 * count * 60_000);
});

test('other work runs while the JSON of a batch with one long item per call is written', async () => {
  const value = times(20, (at) => ({ result: { data: { at, text: '\u0001'.repeat(100_000) } } }));
  const { result, turns } = await countTurns(async () => toJsonBody(value));
  expect(turns).toBeGreaterThan(5);
  expect(countBytes(result as Buffer[])).toBeGreaterThan(20 * 600_000);
});

test('a result that several calls of a batch have is in memory once', async () => {
  const data = { items: times(100, (at) => ({ at, text: 'x'.repeat(10_000) })) };
  const parts = (await toJsonBody(times(20, () => ({ result: { data } })))) as Buffer[];
  expect(countBytes(parts)).toBeGreaterThan(20_000_000);
  expect(countBytes([...new Set(parts)])).toBeLessThan(1_100_000);
});
