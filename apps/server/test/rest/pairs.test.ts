import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { restRoutes } from '../../src/request/rest-routes.ts';
import { procedures } from '../../src/request/routes.ts';
import { openServer, post, signUp } from '../fixture.ts';
import { callRest, findRoute, type Input } from './requests.ts';

const { url } = await openServer({ RATE_LIMIT_PER_MINUTE: '0' });
// Both users make the same calls: one by the names of the procedures, one by REST.
const byName = await signUp(url, 'trpc@example.org');
const byRest = await signUp(url, 'rest@example.org');

const toId = (number: number) => `018f0000-0000-7000-8000-${String(number).padStart(12, '0')}`;
function mostly<Value>(usual: fc.Arbitrary<Value>, other: fc.Arbitrary<Value>): fc.Arbitrary<Value> {
  return fc.oneof({ weight: 12, arbitrary: usual }, { weight: 1, arbitrary: other });
}

const taskIds = [1, 2, 3, 4].map(toId);
const listIds = [11, 12].map(toId);

const id = (known: string[]) => mostly(fc.constantFrom(...known), fc.constantFrom(toId(99), 'no-uuid', 'a b'));
/** The first value is valid, and the most frequent. */
const oneOf = <Value>(valid: Value, ...others: Value[]): fc.Arbitrary<Value> =>
  others.length === 0 ? fc.constant(valid) : mostly(fc.constant(valid), fc.constantFrom(...others));
const key = fc.option(fc.uuid(), { nil: undefined });
const title = oneOf('Water the plants', 'Żółw 🐢', '', 'x'.repeat(501));
const label = oneOf('home', 'Work', '', 'x'.repeat(51));
const due = oneOf<unknown>(null, { date: '2027-06-01' }, { date: '2027-02-30' }, { date: '2027-06-01', time: '25:00' });
const optional = (fields: Record<string, fc.Arbitrary<unknown>>, requiredKeys: string[] = []) =>
  fc.record(fields, { requiredKeys }) as fc.Arbitrary<Input>;

const content = {
  description: oneOf<unknown>(null, 'Twice a week', 'x'.repeat(10_001)),
  completed: oneOf<unknown>(true, false, 'yes'),
  listId: mostly(fc.constant(null), fc.option(id(listIds))),
  due,
  priority: oneOf<unknown>(0, 3, 4, 'high'),
  labels: fc.array(label, { maxLength: 2 }),
};
const filter = {
  completed: oneOf<unknown>(true, false, 'yes', ''),
  listId: fc.option(id(listIds)),
  label,
  priority: oneOf<unknown>(0, 1, 7, 'high'),
  due: optional({
    from: oneOf('2027-01-01', 'soon'),
    until: oneOf('2027-12-31', ''),
    none: oneOf<unknown>(true, 'x'),
  }).filter((range) => Object.keys(range).length > 0),
  search: oneOf('plants', 'a&b=c', '%', ''),
  updatedAfter: oneOf('2026-01-01T00:00:00Z', 'yesterday'),
};
const page = { limit: oneOf<unknown>(1, 50, 0, 201, 'many', '1.5'), cursor: oneOf(null, 'nonsense') };
const ids = mostly(
  fc.constantFrom(taskIds.slice(0, 1), taskIds.slice(0, 2).toReversed()),
  fc.array(id(taskIds), { maxLength: 3 }),
);

const inputs: Record<string, fc.Arbitrary<Input>> = {
  'task.list': optional({ ...filter, ...page, order: oneOf('due', 'title', 'size') }),
  'task.create': optional({ id: id(taskIds), title, ...content }, ['id', 'title']),
  'task.get': optional({ id: id(taskIds) }, ['id']),
  'task.update': optional({ id: id(taskIds), title, ...content, ifVersion: oneOf(1, 2), operationId: key }, ['id']),
  'task.delete': optional({ id: id(taskIds), ifVersion: oneOf(1, 2), operationId: key }, ['id']),
  'task.count': optional(filter),
  'task.createMany': fc.record({
    items: fc.array(optional({ id: id(taskIds), title }, ['id', 'title']), { maxLength: 2 }),
  }),
  'task.updateMany': optional({ ids, set: optional(content), operationId: key }, ['ids', 'set']),
  'task.deleteMany': optional({ ids, operationId: key }, ['ids']),
  'task.reorder': optional({ ids, listId: mostly(fc.constant(null), fc.option(id(listIds))), operationId: key }, [
    'ids',
    'listId',
  ]),
  'list.list': fc.constant({}),
  'list.create': optional({ id: id(listIds), name: title, color: oneOf<unknown>(null, 'blue', 5) }, ['id', 'name']),
  'list.update': optional({ id: id(listIds), name: title, archived: fc.boolean(), ifVersion: oneOf(1, 2) }, ['id']),
  'list.delete': optional({ id: id(listIds), moveTo: fc.option(id(listIds)), ifVersion: oneOf(1, 2) }, ['id']),
  'list.restore': optional({ id: id(listIds), operationId: key }, ['id']),
  'label.list': fc.constant({}),
  'label.rename': optional({ from: label, to: label, operationId: key }, ['from', 'to']),
  'trash.list': optional(page),
  'trash.restore': optional({ ids, operationId: key }, ['ids']),
  'trash.purge': optional({ ids, before: oneOf('2026-01-01T00:00:00Z', 'soon') }),
  'changes.list': mostly(optional({ limit: page.limit }), fc.constant({ since: 'nonsense' })),
  'calendar.get': fc.constant({}),
  'calendar.create': fc.constant({}),
  'calendar.revoke': fc.constant({}),
  'user.me': fc.constant({}),
  'user.update': optional({ name: oneOf('Ada', ''), timeZone: oneOf(null, 'europe/berlin', 'Nowhere') }),
  'user.export': optional({ cursor: page.cursor }),
  'user.import': optional({ tasks: fc.array(optional({ id: id(taskIds), title }, ['id', 'title']), { maxLength: 2 }) }),
  'user.delete': optional({ password: oneOf('wrong', 'x'.repeat(129)) }),
};

const calls = fc.oneof(
  ...Object.entries(inputs).map(([procedure, input]) => input.map((given) => ({ procedure, input: given }))),
);

const [one, two, three, four] = taskIds;
const [listId] = listIds;
/** Each procedure succeeds once, in this order. */
const successes: { procedure: string; input: Input }[] = Object.entries({
  'list.create': { id: listId, name: 'Household' },
  'task.create': { id: one, title: 'Water the plants', labels: ['home'], listId },
  'task.createMany': { items: [two, three, four].map((id) => ({ id, title: 'Repot the fern' })) },
  'task.get': { id: one },
  'task.list': { completed: false, listId: null, due: { none: true }, limit: 2, search: 'fern' },
  'task.count': { label: 'home', priority: 0, updatedAfter: '2026-01-01T00:00:00Z' },
  'task.update': { id: one, completed: true, ifVersion: 1, operationId: toId(91) },
  'task.updateMany': { ids: [two, three], set: { addLabels: ['garden'], due: { date: '2027-06-01', time: '09:00' } } },
  'task.reorder': { listId: null, ids: [three, two] },
  'label.list': {},
  'label.rename': { from: 'garden', to: 'balcony' },
  'task.delete': { id: two },
  'task.deleteMany': { ids: [three, four], operationId: toId(92) },
  'trash.list': { limit: 2 },
  'trash.restore': { ids: [two] },
  'trash.purge': { ids: [four] },
  'list.list': {},
  'list.update': { id: listId, archived: true },
  'list.delete': { id: listId, ifVersion: 2, moveTo: null },
  'list.restore': { id: listId },
  'changes.list': { limit: 3 },
  'calendar.create': {},
  'calendar.get': {},
  'calendar.revoke': {},
  'user.me': {},
  'user.update': { timeZone: 'Europe/Berlin' },
  'user.export': {},
  'user.import': { tasks: [{ id: toId(93), title: 'Buy soil' }] },
}).map(([procedure, input]) => ({ procedure, input }));

async function callByName({ procedure, input }: { procedure: string; input: Input }): Promise<Response> {
  const headers = { authorization: `Bearer ${byName.jwt}` };
  const given = procedure === 'user.me' ? undefined : JSON.stringify(input);
  if (procedures.get(procedure) === 'mutation') return post(`${url}/trpc/${procedure}`, given, headers);
  const query = given === undefined ? '' : `?${new URLSearchParams({ input: given }).toString()}`;
  return fetch(`${url}/trpc/${procedure}${query}`, { headers });
}

/** Values that differ between the users, or from call to call. */
const isOwn =
  /^(?:createdAt|updatedAt|completedAt|deletedAt|archivedAt|requestId|cursor|nextCursor|position|email|retryAfterMs|path)$/;

const normalize = (json: string): unknown =>
  JSON.parse(json, (name, value: unknown) => (isOwn.test(name) && value !== null ? `(${name})` : value));

test('REST and tRPC give the same results and errors for the same calls', async () => {
  const seen = new Set<string>();
  await fc.assert(
    fc.asyncProperty(fc.array(calls, { minLength: 5, maxLength: 12 }), async (sequence) => {
      for (const call of sequence) {
        const named = await callByName(call);
        const rest = await callRest(url, call, byRest.jwt);
        const [fromName, fromRest] = [normalize(await named.text()), normalize(await rest.text())];
        const { result, error } = fromName as { result?: { data: { id?: string } }; error?: object };
        if (result && call.procedure === 'user.me') result.data.id = byRest.id;
        if (result && call.procedure === 'user.update') result.data.id = byRest.id;
        const shown = JSON.stringify(call);
        expect(fromRest, shown).toEqual(error ? { error } : result?.data);
        expect(rest.status, shown).toBe(error ? named.status : findRoute(call.procedure).status);
        seen.add(`${call.procedure} ${error ? 'fails' : 'succeeds'}`);
      }
    }),
    { numRuns: 25, seed: 1_128, examples: [[successes]] },
  );
  const succeeding = restRoutes.map(({ procedure }) => procedure).filter((name) => name !== 'user.delete');
  expect([...seen]).toEqual(expect.arrayContaining(succeeding.map((name) => `${name} succeeds`)));
});

test('the REST view has every procedure but the stream', () => {
  const all = [...procedures].filter(([, type]) => type !== 'subscription').map(([name]) => name);
  expect(restRoutes.map(({ procedure }) => procedure).toSorted()).toEqual(all.toSorted());
});
