import { expect, test } from 'vitest';
import { openServer, post, signUp } from '../fixture.ts';

const { url } = await openServer({ RATE_LIMIT_PER_MINUTE: '0' });
const { jwt } = await signUp(url, 'ada@example.org');
const create = (body: string) => post(`${url}/trpc/task.create`, body, { authorization: `Bearer ${jwt}` });

test.for([
  ['keys', JSON.stringify(Object.fromEntries(Array.from({ length: 40_000 }, (_, at) => [`k${at}`, 0])))],
  ['nested lists', `{"title":${'['.repeat(40_000)}${']'.repeat(40_000)}}`],
  ['list items', `{"title":[${'0,'.repeat(40_000)}0]}`],
  ['keys that end in a backslash', `{"title":"x",${'"\\\\":0,'.repeat(40_000)}"a":0}`],
] as const)('a body with 40,000 %s is BAD_REQUEST', async ([, body]) => {
  const response = await create(body);
  expect([response.status, await response.json()]).toMatchObject([
    400,
    { error: { message: 'The body has too many parts. Send at most 30,000 keys and values.' } },
  ]);
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
