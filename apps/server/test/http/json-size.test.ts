import { appRouter } from '@holdfast/api';
import { expect, test } from 'vitest';
import { z } from 'zod';
import { toBodyLimits } from '../../src/request/body-limits.ts';
import { openServer, post, signUp } from '../fixture.ts';

type Procedure = Parameters<typeof toBodyLimits>[0][number] & { _def: { inputs: unknown[] } };

const { url } = await openServer({ RATE_LIMIT_PER_MINUTE: '0' });
const { jwt } = await signUp(url, 'ada@example.org');
const call = (path: string, body: string) => post(`${url}/trpc/${path}`, body, { authorization: `Bearer ${jwt}` });
const create = (body: string) => call('task.create', body);
const toFailure = async (response: Response) => {
  const { error } = (await response.json()) as { error: { message: string } };
  return [response.status, error.message];
};

test.for([
  [
    'keys',
    JSON.stringify(Object.fromEntries(Array.from({ length: 40_000 }, (_, at) => [`k${at}`, 0]))).slice(0, 250_000),
  ],
  ['nested lists', `{"title":${'['.repeat(40_000)}${']'.repeat(40_000)}}`],
  ['list items', `{"title":[${'0,'.repeat(40_000)}0]}`],
  ['keys that end in a backslash', `{"title":"x",${'"\\\\":0,'.repeat(30_000)}"a":0}`],
] as const)('a call for one record with very many %s is BAD_REQUEST', async ([, body]) => {
  const message = 'The body has too many parts. Send at most 200 keys and values.';
  expect(await toFailure(await create(body))).toEqual([400, message]);
  const items = `{"items":[${body}]}`;
  const manyMessage = 'The body has too many parts. Send at most 30,000 keys and values.';
  expect(await toFailure(await call('task.createMany', items))).toEqual([400, manyMessage]);
});

test('a batch may have as many keys and values as its calls together', async () => {
  const task = {
    title: 'x',
    labels: Array.from({ length: 20 }, (_, at) => `label ${at}`),
    description: 'y'.repeat(2_000),
  };
  const paths = Array.from({ length: 20 }, () => 'task.create').join(',');
  const response = await call(
    `${paths}?batch=1`,
    JSON.stringify(
      Object.assign(
        {},
        Array.from({ length: 20 }, () => task),
      ),
    ),
  );
  expect(response.status).toBe(200);
  const wide = { ...task, labels: Array.from({ length: 5_000 }, () => 'x') };
  const [refused] = (await (await call(`${paths}?batch=1`, JSON.stringify({ 0: wide, 1: wide }))).json()) as unknown[];
  const message = 'The body has too many parts. Send at most 4,000 keys and values.';
  expect(refused).toMatchObject({ error: { message } });
});

test('the largest task may have an escape sequence for each character', async () => {
  const escaped = '\\ud83d\\ude00';
  const label = (at: number) => `"${String(at).padStart(2, '0')}${escaped.repeat(48)}"`;
  const labels = Array.from({ length: 20 }, (_, at) => label(at)).join();
  const body = `{"title":"${escaped.repeat(500)}","description":"${escaped.repeat(10_000)}","labels":[${labels}]}`;
  expect((await create(body)).status).toBe(200);
});

test.for([
  ['the length of the body in its head', {}],
  ['a body of unknown length', { duplex: 'half' }],
] as const)('a call for one record with more than 256 KiB is PAYLOAD_TOO_LARGE, with %s', async ([, init]) => {
  const text = `{"title":"x"}${' '.repeat(256 * 1024)}`;
  const headers = { authorization: `Bearer ${jwt}`, 'content-type': 'application/json' };
  const message = 'Request body too large. Send at most 256 KiB.';
  for (const path of ['/trpc/task.create', '/api/v1/tasks']) {
    const body = 'duplex' in init ? new Blob([text]).stream() : text;
    const response = await fetch(url + path, { method: 'POST', headers, body, ...init });
    expect(await toFailure(response), path).toEqual([413, message]);
  }
  expect((await call('task.createMany', `{"items":[{"title":"x"}]}${' '.repeat(256 * 1024)}`)).status).toBe(200);
});

test('a text may contain any number of commas, colons, brackets and escaped quotes', async () => {
  const description = ',:{["\\'.repeat(1_600);
  const padding = ' '.repeat(40_000);
  const response = await create(`${JSON.stringify({ title: 'x', description })}${padding}`);
  expect(await response.json()).toMatchObject({ result: { data: { description } } });
});

test('a body of one unfinished string is BAD_REQUEST', async () => {
  expect((await create(`{"title":"${'x'.repeat(40_000)}\\`)).status).toBe(400);
});

test('exactly the procedures whose input can have more than 20 items may have the body of a whole request', () => {
  const withLists: string[] = [];
  const withLargeBodies: string[] = [];
  for (const [name, procedure] of Object.entries(appRouter._def.procedures as unknown as Record<string, Procedure>)) {
    // The procedure hides the schema behind one with other messages.
    const schema = Object.getPrototypeOf(procedure._def.inputs[0]) as z.ZodType;
    const text = JSON.stringify(z.toJSONSchema(schema, { io: 'input', unrepresentable: 'any' }));
    const items = Array.from(text.matchAll(/"maxItems":(\d+)/g), ([, max]) => Number(max));
    if (items.some((max) => max > 20)) withLists.push(name);
    if (toBodyLimits([procedure]).bytesMax > 256 * 1024) withLargeBodies.push(name);
  }
  expect(withLists).toContain('task.createMany');
  expect(withLargeBodies).toEqual(withLists);
});
