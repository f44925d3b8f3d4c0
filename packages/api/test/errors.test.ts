import { randomUUID } from 'node:crypto';
import { openDatabase } from '@holdfast/db';
import { openFaultProxy, waitingForLocksSql } from '@holdfast/db/testing';
import { describe, expect, test } from 'vitest';
import { atEnd, createUser, openFixture } from './fixture.ts';
import { openServer, post, requestId } from './http.ts';

const { db, url, as } = await openFixture();
const { call, send } = await openServer(db);
const caller = createUser();
const { task } = as(caller);

const secret = 'Zanzibar';
const insides =
  /select|insert|update "|from tasks|tasks_|holdfast_app|constraint|\.ts\b|node_modules|kysely|mikro|at async|"stack"/i;

const notJson = { errors: ['The request is not valid JSON.'] };

/** What every failed answer is made of, and nothing besides. */
function failure(data: { code: string; httpStatus: number; [key: string]: unknown }) {
  return {
    status: data.httpStatus,
    text: expect.not.stringMatching(insides),
    error: {
      code: expect.any(Number),
      message: expect.stringMatching(/\w/),
      data: { path: null, requestId, validation: null, ...data },
    },
  };
}

/** A server whose database was altered by its owner once it was open. */
async function openAltered(sql: string) {
  const { db } = await openFixture();
  const alter = async (em: Parameters<Parameters<typeof db.acrossAllUsers>[0]>[0]) => {
    await em.execute('reset role');
    await em.execute(sql);
  };
  await db.acrossAllUsers(alter, { write: true });
  return openServer(db);
}

describe('an error over HTTP', () => {
  test('names each wrong field of an input in zod’s tree', async () => {
    const answer = await call(caller, 'task.create', { id: '1', title: ' ' });
    const validation = {
      errors: [],
      properties: { id: { errors: ['must be a UUID'] }, title: { errors: ['must not be blank'] } },
    };
    expect(answer).toEqual(failure({ code: 'BAD_REQUEST', httpStatus: 400, path: 'task.create', validation }));
    expect(answer.error?.message).toBe('id: must be a UUID; title: must not be blank');
  });

  test('says of each field what it must be', async () => {
    for (const [path, input, message] of [
      ['task.create', { title: 5, completed: 'yes' }, 'title: must be a string; completed: must be true or false'],
      ['task.create', {}, 'title: must be a string'],
      ['task.create', 'x', 'must be an object'],
      ['task.update', { id: randomUUID(), ifVersion: 1.5 }, 'ifVersion: must be a whole number'],
      ['task.list', { limit: 201 }, 'limit: must be 200 or less'],
      ['task.list', { limit: 0, order: 'up' }, 'limit: must be 1 or more; order: must be one of newest, oldest'],
      [
        'task.list',
        { limit: '5', cursor: 'x'.repeat(201) },
        'limit: must be a number; cursor: must have at most 200 characters',
      ],
    ] as const) {
      expect((await call(caller, path, input)).error?.message).toBe(message);
    }
  });

  test('does not send back what the user wrote', async () => {
    const text = `${secret} \0`;
    const { id } = await task.create({ title: 'x' });
    const inputs: [string, object][] = [
      ['task.create', { id: secret, title: text, description: text, completed: secret }],
      ['task.update', { id, title: text, description: secret.repeat(2_000), ifVersion: secret }],
      ['task.list', { limit: secret, order: secret, completed: secret, cursor: secret.repeat(30) }],
      ['task.list', { cursor: secret }],
      ['task.get', { id: secret }],
      ['task.delete', { id, ifVersion: secret }],
    ];
    for (const [path, input] of inputs) {
      const answer = await call(caller, path, input);
      expect(answer.status).toBe(400);
      expect(answer.text).not.toMatch(new RegExp(secret, 'i'));
      expect(answer.text).not.toMatch(insides);
    }
  });

  test('is UNAUTHORIZED without a caller', async () => {
    expect(await call(null, 'task.list')).toEqual(
      failure({ code: 'UNAUTHORIZED', httpStatus: 401, path: 'task.list' }),
    );
  });

  test('is NOT_FOUND for a task that is not there', async () => {
    const answer = await call(caller, 'task.get', { id: randomUUID() });
    expect(answer).toEqual(failure({ code: 'NOT_FOUND', httpStatus: 404, path: 'task.get' }));
  });

  test('is CONFLICT with the task as it stands for a stale ifVersion', async () => {
    const { id } = await task.create({ title: 'x' });
    const current = await task.update({ id, title: 'y' });
    for (const path of ['task.update', 'task.delete']) {
      expect(await call(caller, path, { id, ifVersion: 1 })).toEqual(
        failure({ code: 'CONFLICT', httpStatus: 409, path, current }),
      );
    }
  });

  test('is CONFLICT with the task as it stands for an id that is taken', async () => {
    const current = await task.create({ title: 'x' });
    const answer = await call(caller, 'task.create', { id: current.id, title: secret });
    expect(answer).toEqual(failure({ code: 'CONFLICT', httpStatus: 409, path: 'task.create', current }));
    expect(answer.text).not.toContain(secret);
  });

  test('is BAD_REQUEST for a cursor of another list', async () => {
    const answer = await call(caller, 'task.list', { cursor: 'AAAA' });
    const validation = { errors: [], properties: { cursor: { errors: [answer.error?.message] } } };
    expect(answer).toEqual(failure({ code: 'BAD_REQUEST', httpStatus: 400, path: 'task.list', validation }));
  });

  test('is NOT_FOUND for a procedure that does not exist', async () => {
    for (const path of ['task.drop', 'task', 'toString', '__proto__', 'task.create.title']) {
      expect(await send(caller, path)).toEqual(failure({ code: 'NOT_FOUND', httpStatus: 404, path }));
    }
  });

  test('is METHOD_NOT_SUPPORTED for GET on a mutation', async () => {
    const answer = await send(caller, 'task.delete?input={}');
    expect(answer).toEqual(failure({ code: 'METHOD_NOT_SUPPORTED', httpStatus: 405, path: 'task.delete' }));
  });

  test('is METHOD_NOT_SUPPORTED for POST on a query', async () => {
    const answer = await send(caller, 'task.list', post('{}'));
    expect(answer).toEqual(failure({ code: 'METHOD_NOT_SUPPORTED', httpStatus: 405, path: 'task.list' }));
  });

  test.each(['{', secret, `{"title": ${secret}}`, `{"title": "${secret}`, ''])(
    'is BAD_REQUEST for %j, which is not JSON, and does not repeat it',
    async (body) => {
      const answer = await send(caller, 'task.create', post(body));
      expect(answer).toEqual(
        failure({ code: 'BAD_REQUEST', httpStatus: 400, path: 'task.create', validation: notJson }),
      );
      expect(answer.text).not.toContain('Zanz');
    },
  );

  test('is BAD_REQUEST for a query whose input is not JSON, and does not repeat it', async () => {
    const answer = await send(caller, `task.get?input=${secret}`);
    expect(answer).toEqual(failure({ code: 'BAD_REQUEST', httpStatus: 400, path: 'task.get', validation: notJson }));
    expect(answer.text).not.toContain('Zanz');
  });

  test('is UNSUPPORTED_MEDIA_TYPE for a body that is not sent as JSON', async () => {
    const answer = await send(caller, 'task.create', post('{"title":"x"}', 'text/plain'));
    expect(answer).toEqual(failure({ code: 'UNSUPPORTED_MEDIA_TYPE', httpStatus: 415 }));
  });

  test('stays with its own call in a batch', async () => {
    const { id } = await task.create({ title: 'x' });
    const input = encodeURIComponent(JSON.stringify({ 0: { id }, 1: { id: randomUUID() } }));
    const { text } = await send(caller, `task.get,task.get?batch=1&input=${input}`);
    expect(JSON.parse(text)).toMatchObject([
      { result: { data: { id } } },
      { error: { data: { code: 'NOT_FOUND', path: 'task.get', requestId } } },
    ]);
  });
});

describe('when the database fails', () => {
  test('a statement that takes too long is GATEWAY_TIMEOUT', async () => {
    const hasty = await openDatabase({ url, statementTimeoutMs: 100 });
    atEnd(() => hasty.close());
    const server = await openServer(hasty);
    const { id } = await task.create({ title: secret });
    await db.acrossAllUsers(
      async (em) => {
        await em.execute(`select 1 from tasks where id = ? for update`, [id]);
        const answer = await server.call(caller, 'task.update', { id, title: `${secret} two` });
        expect(answer).toEqual(failure({ code: 'GATEWAY_TIMEOUT', httpStatus: 504, path: 'task.update' }));
        expect(answer.text).not.toContain(secret);
      },
      { write: true },
    );
  });

  test('a database that cannot be reached is SERVICE_UNAVAILABLE until it can', async () => {
    const proxy = await openFaultProxy(url);
    atEnd(() => proxy.close());
    const remote = await openDatabase({ url: proxy.url, poolWaitMs: 300 });
    atEnd(() => remote.close());
    const server = await openServer(remote);
    expect((await server.call(caller, 'task.create', { title: secret })).status).toBe(200);

    await proxy.disable();
    const unavailable = { code: 'SERVICE_UNAVAILABLE', httpStatus: 503, retryAfterMs: 1000, isRetryable: true };
    for (const [path, input] of [['task.list'], ['task.create', { title: secret }], ['user.me']] as const) {
      const answer = await server.call(caller, path, input);
      expect(answer).toEqual(failure({ ...unavailable, path }));
      expect(answer.text).not.toMatch(/Zanzibar|ECONN|127\.0\.0\.1/);
    }

    await proxy.restore();
    expect((await server.call(caller, 'task.list')).status).toBe(200);
  });

  test('a call on a connection that has just died is SERVICE_UNAVAILABLE', async () => {
    const proxy = await openFaultProxy(url);
    atEnd(() => proxy.close());
    const remote = await openDatabase({ url: proxy.url });
    atEnd(() => remote.close());
    const server = await openServer(remote);
    const { id } = await task.create({ title: 'x' });
    await db.acrossAllUsers(
      async (em) => {
        await em.execute(`select 1 from tasks where id = ? for update`, [id]);
        const waiting = server.call(caller, 'task.update', { id, title: 'y' });
        await expect.poll(async () => (await em.execute(waitingForLocksSql)).length).toBe(1);
        await proxy.disable();
        // It may have been kept or not: only the client can tell whether to send it again.
        expect(await waiting).toEqual(
          failure({ code: 'SERVICE_UNAVAILABLE', httpStatus: 503, path: 'task.update', retryAfterMs: 1000 }),
        );
      },
      { write: true },
    );
  });

  test('a call that gets no connection in time is SERVICE_UNAVAILABLE', async () => {
    const narrow = await openDatabase({ url, poolMax: 1, poolWaitMs: 100 });
    atEnd(() => narrow.close());
    const server = await openServer(narrow);
    await narrow.acrossAllUsers(async () => {
      const answer = await server.call(caller, 'task.list');
      const unavailable = { code: 'SERVICE_UNAVAILABLE', httpStatus: 503, retryAfterMs: 1000, isRetryable: true };
      expect(answer).toEqual(failure({ ...unavailable, path: 'task.list' }));
    });
    expect((await server.call(caller, 'task.list')).status).toBe(200);
  });

  test('a value that only the database refuses is BAD_REQUEST', async () => {
    const server = await openAltered(`alter table tasks add constraint tasks_title_calm check (title !~ '!')`);
    const answer = await server.call(caller, 'task.create', { title: `${secret}!` });
    const validation = { errors: ['A value cannot be kept as it is.'] };
    expect(answer).toEqual(failure({ code: 'BAD_REQUEST', httpStatus: 400, path: 'task.create', validation }));
    expect(answer.text).not.toMatch(/Zanzibar|calm/);
  });

  test('a row or table that may not be touched is NOT_FOUND, as a task that is not there', async () => {
    const server = await openAltered('revoke select on tasks from holdfast_app');
    const answer = await server.call(caller, 'task.get', { id: randomUUID() });
    expect(answer).toEqual(failure({ code: 'NOT_FOUND', httpStatus: 404, path: 'task.get' }));
    expect(answer.error?.message).toBe('There is no such task.');
  });

  test('a defect is INTERNAL_SERVER_ERROR and says nothing of itself', async () => {
    const server = await openAltered('alter table tasks drop column description');
    const answer = await server.call(caller, 'task.create', { title: secret });
    expect(answer).toEqual(failure({ code: 'INTERNAL_SERVER_ERROR', httpStatus: 500, path: 'task.create' }));
    expect(answer.error?.message).toBe('Something went wrong on our side. Name the request id when you report it.');
    expect(answer.text).not.toMatch(/Zanzibar|description/);
  });
});
