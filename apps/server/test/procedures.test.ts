import { expect, test } from 'vitest';
import { alterDatabase, openServer, post, signUp } from './fixture.ts';

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
    const answer = await post(`${url}/trpc/${path}`, { title: 'x' }, { ...bearer, 'content-type': type });
    const requestId = answer.headers.get('x-request-id');
    expect([answer.status, await answer.json()]).toEqual([
      415,
      {
        error: {
          code: -32_015,
          message: 'The body must be JSON: content-type: application/json.',
          data: { code: 'UNSUPPORTED_MEDIA_TYPE', httpStatus: 415, path: null, requestId, validation: null },
        },
      },
    ]);
  }
});

test('JSON is JSON however its type is written, and a query needs no type', async () => {
  for (const type of ['application/json', 'application/json; charset=utf-8']) {
    const answer = await post(`${url}/trpc/task.create`, { title: 'x' }, { ...bearer, 'content-type': type });
    expect(answer.status).toBe(200);
  }
  for (const headers of [bearer, { ...bearer, 'content-type': 'text/plain' }]) {
    expect((await fetch(`${url}/trpc/task.list`, { headers })).status).not.toBe(415);
  }
});

test('where pages of other origins may read answers, every answer varies on the origin', async () => {
  const headers = { ...bearer, origin: 'https://app.example.org' };
  for (const [path, type] of [
    ['user.me', undefined],
    ['user.me,nothing?batch=1', undefined],
    ['nothing', undefined],
    ['task.create', 'application/json'],
    ['task.create', 'text/plain'],
  ] as const) {
    const answer = await (type === undefined
      ? fetch(`${url}/trpc/${path}`, { headers })
      : post(`${url}/trpc/${path}`, { title: 'x' }, { ...headers, 'content-type': type }));
    expect(answer.headers.get('vary')?.toLowerCase().split(', ')).toContain('origin');
    if (type !== 'text/plain') expect(answer.headers.get('vary')).toContain('trpc-accept');
  }
});

test('a wall of the database that is run into is logged as such', async () => {
  await alterDatabase(databaseUrl, 'revoke select on tasks from holdfast_app');
  const answer = await fetch(`${url}/trpc/task.list`, { headers: { ...bearer, 'x-request-id': 'wall-1' } });
  expect(answer.status).toBe(404);
  expect(log).toContainEqual(
    expect.objectContaining({ msg: 'access refused', level: 50, requestId: 'wall-1', userId: id }),
  );
});
