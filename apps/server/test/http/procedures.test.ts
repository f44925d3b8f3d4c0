import { expect, test } from 'vitest';
import { alterDatabase, openDatabaseUrl, openFaultProxyTo, openServer, post, signUp } from '../fixture.ts';

const { url, databaseUrl, log } = await openServer({ TRUSTED_ORIGINS: 'https://app.example.org' });
const { id, jwt } = await signUp(url, 'ada@example.org');
const bearer = { authorization: `Bearer ${jwt}` };

test.for([
  'application/octet-stream',
  'multipart/form-data; boundary=x',
  'application/x-www-form-urlencoded',
  'text/plain',
  'application/jsonp',
  '',
])('a body of type %j is UNSUPPORTED_MEDIA_TYPE', async (type) => {
  for (const path of ['task.create', 'task.create,task.create?batch=1', 'nothing']) {
    const response = await post(`${url}/trpc/${path}`, { title: 'x' }, { ...bearer, 'content-type': type });
    const requestId = response.headers.get('x-request-id');
    expect([response.status, await response.json()]).toEqual([
      415,
      {
        error: {
          code: -32_015,
          message: 'The body must be JSON. Send content-type: application/json.',
          data: { code: 'UNSUPPORTED_MEDIA_TYPE', httpStatus: 415, path: null, requestId, validation: null },
        },
      },
    ]);
  }
});

test('a JSON content type may have parameters, and a query needs no content type', async () => {
  for (const type of ['application/json', 'application/json; charset=utf-8']) {
    const response = await post(`${url}/trpc/task.create`, { title: 'x' }, { ...bearer, 'content-type': type });
    expect(response.status).toBe(200);
  }
  for (const headers of [bearer, { ...bearer, 'content-type': 'text/plain' }]) {
    expect((await fetch(`${url}/trpc/task.list`, { headers })).status).not.toBe(415);
  }
});

test('a batch with JSON lines has at most two calls that return many items', async () => {
  const headers = { ...bearer, 'trpc-accept': 'application/jsonl' };
  const send = (calls: string) => fetch(`${url}/trpc/${calls}?batch=1`, { headers });
  expect(await (await send('list.list,label.list,user.me,task.list')).text()).toContain('"ada@example.org"');
  const text = await (await send('list.list,list.list,list.list')).text();
  expect(text).toContain('Send fewer, or accept application/json.');
  expect(text).not.toContain('"items"');
});

test('if pages of other origins may read responses, every response varies by origin', async () => {
  const headers = { ...bearer, origin: 'https://app.example.org' };
  for (const [path, type] of [
    ['user.me', undefined],
    ['user.me,nothing?batch=1', undefined],
    ['nothing', undefined],
    ['task.create', 'application/json'],
    ['task.create', 'text/plain'],
  ] as const) {
    const response = await (type === undefined
      ? fetch(`${url}/trpc/${path}`, { headers })
      : post(`${url}/trpc/${path}`, { title: 'x' }, { ...headers, 'content-type': type }));
    expect(response.headers.get('vary')?.toLowerCase().split(', ')).toContain('origin');
    if (type !== 'text/plain') expect(response.headers.get('vary')).toContain('trpc-accept');
  }
});

test('a violation of row-level security is logged as access refused', async () => {
  await alterDatabase(databaseUrl, 'revoke select on tasks from holdfast_app');
  const response = await fetch(`${url}/trpc/task.list`, { headers: { ...bearer, 'x-request-id': 'access-1' } });
  expect(response.status).toBe(404);
  await expect
    .poll(() => log)
    .toContainEqual(expect.objectContaining({ msg: 'access refused', level: 50, requestId: 'access-1', userId: id }));
});

test('a batch of twenty mutations takes one round trip to the database, and each has its own result', async () => {
  const far = await openFaultProxyTo(await openDatabaseUrl());
  const counted = await openServer({ DATABASE_URL: far.url, DATABASE_POOL_MAX: '1' });
  const headers = { authorization: `Bearer ${(await signUp(counted.url, 'batch@example.org')).jwt}` };
  const created = await post(`${counted.url}/trpc/task.create`, { title: 'old' }, headers);
  const { result } = (await created.json()) as { result: { data: { id: string } } };
  const inputs = Array.from({ length: 20 }, (_, index) => ({
    id: result.data.id,
    title: index % 5 === 2 ? '' : `title ${index}`,
  }));
  const before = far.roundTrips();
  const path = `${inputs.map(() => 'task.update').join()}?batch=1`;
  const response = await post(`${counted.url}/trpc/${path}`, Object.fromEntries(inputs.entries()), headers);
  expect(far.roundTrips() - before).toBe(1);
  const results = (await response.json()) as { result?: { data: { title: string } }; error?: object }[];
  expect(results.map((each) => each.result?.data.title ?? '')).toEqual(inputs.map(({ title }) => title));
});
