import { describe, expect, test } from 'vitest';
import { createUser, openFixture } from './fixture.ts';
import { openServer, post, procedures } from './http.ts';

const { db } = await openFixture();
const { send } = await openServer(db);
const caller = createUser();

const manyKeys = JSON.stringify(Object.fromEntries(Array.from({ length: 85_000 }, (_, at) => [`key${at}`, 1])));

// Marks of two classes, which `normalize` sorts in a time that grows with the square of their number: here, several minutes.
const marks = `a${'\u0301'.repeat(225_000)}${'\u0316'.repeat(225_000)}`;

const inputs: [name: string, body: string][] = [
  ['85,000 unknown keys', manyKeys],
  ['an unknown key of 900,000 characters', JSON.stringify({ ['k'.repeat(900_000)]: 1 })],
  ['a list of 200,000 items', JSON.stringify(Array.from({ length: 200_000 }, () => ({})))],
  [
    'texts of 900,000 characters',
    JSON.stringify({ id: 'x'.repeat(300_000), title: 'x'.repeat(300_000), cursor: 'x'.repeat(300_000) }),
  ],
  ['a label of marks', JSON.stringify({ title: 'x', labels: [marks, 'b'] })],
  ['nested lists', `${'['.repeat(5000)}${']'.repeat(5000)}`],
  ['no JSON', 'x'.repeat(900_000)],
];

describe.each(inputs)('for %s', (_name, body) => {
  test.each(Object.keys(procedures).filter((path) => procedures[path]!._def.type === 'mutation'))(
    'the error of %s has at most 4 KiB',
    async (path) => {
      const { status, text } = await send(caller, path, post(body));
      expect([status, text.length < 4096 ? 'short' : text.slice(0, 500)]).toEqual([400, 'short']);
    },
  );
});

test('an error names the first five unknown keys and the number of the others', async () => {
  const { error } = await send(caller, 'task.create', post(manyKeys.replace('{', '{"title":"x",')));
  const message = 'Unrecognized keys: "key0", "key1", "key2", "key3", "key4" and 84995 more';
  expect(error).toMatchObject({ message, data: { validation: { errors: [message] } } });
  const long = await send(caller, 'task.create', post(JSON.stringify({ title: 'x', ['k'.repeat(1000)]: 1 })));
  expect(long.error!.message).toBe(`Unrecognized key: "${'k'.repeat(50)}…"`);
});

/** The first five of the problems of items without a title and with a wrong priority. */
const toIssues = (count: number) =>
  Array.from({ length: 5 }, (_, at) => {
    const [field, problem] = at % 2 === 0 ? ['title', 'must not be blank'] : ['priority', 'must be one of 0, 1, 2, 3'];
    return `items.${Math.floor(at / 2)}.${field}: ${problem}`;
  })
    .concat(`and ${count - 5} more problems`)
    .join('; ');

test('after twenty items with problems, a call checks no further items and changes nothing', async () => {
  const items = Array.from({ length: 500 }, () => ({ title: '', priority: 9 }));
  const few = await send(caller, 'task.createMany', post(JSON.stringify({ items: items.slice(0, 20) })));
  expect(few.error!.message).toBe(toIssues(40));
  const many = await send(caller, 'task.createMany', post(JSON.stringify({ items })));
  expect(many.error!.message).toBe(toIssues(40));
  const valid = { title: 'valid' };
  const last = await send(caller, 'task.createMany', post(JSON.stringify({ items: [valid, items[0], valid] })));
  expect(last.error!.message).toBe('items.1.title: must not be blank; items.1.priority: must be one of 0, 1, 2, 3');
  const labels = Array.from({ length: 10_000 }, () => '');
  const nested = await send(caller, 'task.createMany', post(JSON.stringify({ items: [{ title: 'x', labels }] })));
  expect(nested.error!.message).toBe('items.0.labels: must have at most 20 labels');
});
