import { randomUUID } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { openDatabase } from '@holdfast/db';
import { openFaultProxy, waitingForLocksSql } from '@holdfast/db/testing';
import { describe, expect, inject, test } from 'vitest';
import { atEnd, createUser, openFixture } from './fixture.ts';
import { openServer, post, requestId } from './http.ts';

const { db, url, as } = await openFixture();
const { call, send } = await openServer(db);
const caller = createUser();
const { isCluster } = inject('testServer');
const { task } = as(caller);

const secret = 'Zanzibar';
const internals =
  /select|insert|update "|from tasks|tasks_|holdfast_app|constraint|\.ts\b|node_modules|kysely|mikro|at async|"stack"/i;

const notJson = { errors: ['The request is not valid JSON.'] };

/** The exact form of every error response. */
function failure(data: { code: string; httpStatus: number; [key: string]: unknown }) {
  return {
    status: data.httpStatus,
    text: expect.not.stringMatching(internals),
    error: {
      code: expect.any(Number),
      message: expect.stringMatching(/\w/),
      data: { path: null, requestId, validation: null, ...data },
    },
  };
}

/** Opens a server, then alters its database as the owner. */
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
  test('lists each invalid field of an input in zod’s tree', async () => {
    const response = await call(caller, 'task.create', { id: '1', title: ' ' });
    const validation = {
      errors: [],
      properties: { id: { errors: ['must be a UUID'] }, title: { errors: ['must not be blank'] } },
    };
    expect(response).toEqual(failure({ code: 'BAD_REQUEST', httpStatus: 400, path: 'task.create', validation }));
    expect(response.error?.message).toBe('id: must be a UUID; title: must not be blank');
  });

  test('has the form of the example in docs/errors.md', async () => {
    const page = await readFile(new URL('../../../docs/errors.md', import.meta.url), 'utf8');
    const example = JSON.parse(/```json\n(.*?)```/s.exec(page)![1]!) as { error: { data: object } };
    const { text } = await call(caller, 'task.create', { title: ' ' });
    expect(JSON.parse(text)).toEqual({ error: { ...example.error, data: { ...example.error.data, requestId } } });
  });

  test('says for each invalid field what the field must be', async () => {
    for (const [path, input, message] of [
      ['task.create', { title: 5, completed: 'yes' }, 'title: must be a string; completed: must be true or false'],
      ['task.create', {}, 'title: must be a string'],
      ['task.create', 'x', 'must be an object'],
      ['task.update', { id: randomUUID(), ifVersion: 1.5 }, 'ifVersion: must be a whole number'],
      ['task.list', { limit: 201 }, 'limit: must be 200 or less'],
      [
        'task.list',
        { limit: 0, order: 'up' },
        'limit: must be 1 or more; order: must be one of newest, oldest, position, due, completed, updated, priority, title',
      ],
      [
        'task.list',
        { limit: '5', cursor: 'x'.repeat(1001) },
        'limit: must be a number; cursor: must have at most 1000 characters',
      ],
    ] as const) {
      expect((await call(caller, path, input)).error?.message).toBe(message);
    }
  });

  test('does not repeat text that the user sent', async () => {
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
      const response = await call(caller, path, input);
      expect(response.status).toBe(400);
      expect(response.text).not.toMatch(new RegExp(secret, 'i'));
      expect(response.text).not.toMatch(internals);
    }
  });

  test('is UNAUTHORIZED if the request has no caller', async () => {
    expect(await call(null, 'task.list')).toEqual(
      failure({ code: 'UNAUTHORIZED', httpStatus: 401, path: 'task.list' }),
    );
  });

  test('is NOT_FOUND for a task that does not exist', async () => {
    const response = await call(caller, 'task.get', { id: randomUUID() });
    expect(response).toEqual(failure({ code: 'NOT_FOUND', httpStatus: 404, path: 'task.get' }));
  });

  test('is CONFLICT with the stored task for a stale ifVersion', async () => {
    const { id } = await task.create({ title: 'x' });
    const current = await task.update({ id, title: 'y' });
    for (const path of ['task.update', 'task.delete']) {
      expect(await call(caller, path, { id, ifVersion: 1 })).toEqual(
        failure({ code: 'CONFLICT', httpStatus: 409, path, current }),
      );
    }
  });

  test('is CONFLICT with the stored task for the id of another task', async () => {
    const current = await task.create({ title: 'x' });
    const response = await call(caller, 'task.create', { id: current.id, title: secret });
    expect(response).toEqual(failure({ code: 'CONFLICT', httpStatus: 409, path: 'task.create', current }));
    expect(response.text).not.toContain(secret);
  });

  test('is BAD_REQUEST for a cursor of another list', async () => {
    const response = await call(caller, 'task.list', { cursor: 'AAAA' });
    const validation = { errors: [], properties: { cursor: { errors: [response.error?.message] } } };
    expect(response).toEqual(failure({ code: 'BAD_REQUEST', httpStatus: 400, path: 'task.list', validation }));
  });

  test('is NOT_FOUND for a procedure that does not exist', async () => {
    for (const path of ['task.drop', 'task', 'toString', '__proto__', 'task.create.title']) {
      expect(await send(caller, path)).toEqual(failure({ code: 'NOT_FOUND', httpStatus: 404, path }));
    }
  });

  test('is METHOD_NOT_SUPPORTED for GET on a mutation', async () => {
    const response = await send(caller, 'task.delete?input={}');
    expect(response).toEqual(failure({ code: 'METHOD_NOT_SUPPORTED', httpStatus: 405, path: 'task.delete' }));
  });

  test('is METHOD_NOT_SUPPORTED for POST on a query', async () => {
    const response = await send(caller, 'task.list', post('{}'));
    expect(response).toEqual(failure({ code: 'METHOD_NOT_SUPPORTED', httpStatus: 405, path: 'task.list' }));
  });

  test.each(['{', secret, `{"title": ${secret}}`, `{"title": "${secret}`, ''])(
    'is BAD_REQUEST for the body %j, which is not JSON, and does not repeat the body',
    async (body) => {
      const response = await send(caller, 'task.create', post(body));
      expect(response).toEqual(
        failure({ code: 'BAD_REQUEST', httpStatus: 400, path: 'task.create', validation: notJson }),
      );
      expect(response.text).not.toContain('Zanz');
    },
  );

  test('is BAD_REQUEST for a query with an input that is not JSON, and does not repeat the input', async () => {
    const response = await send(caller, `task.get?input=${secret}`);
    expect(response).toEqual(failure({ code: 'BAD_REQUEST', httpStatus: 400, path: 'task.get', validation: notJson }));
    expect(response.text).not.toContain('Zanz');
  });

  test('is UNSUPPORTED_MEDIA_TYPE for a body that is not sent as JSON', async () => {
    const response = await send(caller, 'task.create', post('{"title":"x"}', 'text/plain'));
    expect(response).toEqual(failure({ code: 'UNSUPPORTED_MEDIA_TYPE', httpStatus: 415 }));
  });

  test('an error of one call of a batch does not affect the other calls', async () => {
    const { id } = await task.create({ title: 'x' });
    const input = encodeURIComponent(JSON.stringify({ 0: { id }, 1: { id: randomUUID() } }));
    const { text } = await send(caller, `task.get,task.get?batch=1&input=${input}`);
    expect(JSON.parse(text)).toMatchObject([
      { result: { data: { id } } },
      { error: { data: { code: 'NOT_FOUND', path: 'task.get', requestId } } },
    ]);
  });
});

describe('if the database fails', () => {
  test('a statement that exceeds its time limit is GATEWAY_TIMEOUT', async () => {
    const hasty = await openDatabase({ url, statementTimeoutMs: 100 });
    atEnd(() => hasty.close());
    const server = await openServer(hasty);
    const { id } = await task.create({ title: secret });
    await db.acrossAllUsers(
      async (em) => {
        await em.execute(`select 1 from tasks where user_id = ? and id = ? for update`, [caller.userId, id]);
        const response = await server.call(caller, 'task.update', { id, title: `${secret} two` });
        expect(response).toEqual(failure({ code: 'GATEWAY_TIMEOUT', httpStatus: 504, path: 'task.update' }));
        expect(response.text).not.toContain(secret);
      },
      { write: true },
    );
  });

  test('calls are SERVICE_UNAVAILABLE with isRetryable and isUndone until the database can be reached', async () => {
    const proxy = await openFaultProxy(url);
    atEnd(() => proxy.close());
    const remote = await openDatabase({ url: proxy.url, poolWaitMs: 300 });
    atEnd(() => remote.close());
    const server = await openServer(remote);
    expect((await server.call(caller, 'task.create', { title: secret })).status).toBe(200);

    await proxy.disable();
    const unavailable = {
      code: 'SERVICE_UNAVAILABLE',
      httpStatus: 503,
      retryAfterMs: 1000,
      isRetryable: true,
      isUndone: true,
    };
    for (const [path, input] of [['task.list'], ['task.create', { title: secret }], ['user.me']] as const) {
      const response = await server.call(caller, path, input);
      expect(response).toEqual(failure({ ...unavailable, path }));
      expect(response.text).not.toMatch(/Zanzibar|ECONN|127\.0\.0\.1/);
    }

    await proxy.restore();
    expect((await server.call(caller, 'task.list')).status).toBe(200);
  });

  // The coordinator of a cluster does not see who waits for a lock.
  test.skipIf(isCluster)(
    'a call that loses its connection is SERVICE_UNAVAILABLE without isRetryable and isUndone',
    async () => {
      const proxy = await openFaultProxy(url);
      atEnd(() => proxy.close());
      const remote = await openDatabase({ url: proxy.url });
      atEnd(() => remote.close());
      const server = await openServer(remote);
      const { id } = await task.create({ title: 'x' });
      await db.acrossAllUsers(
        async (em) => {
          await em.execute(`select 1 from tasks where user_id = ? and id = ? for update`, [caller.userId, id]);
          const waiting = server.call(caller, 'task.update', { id, title: 'y' });
          await expect.poll(async () => (await em.execute(waitingForLocksSql)).length).toBe(1);
          await proxy.disable();
          // The outcome is unknown, so the response has no isRetryable.
          expect(await waiting).toEqual(
            failure({ code: 'SERVICE_UNAVAILABLE', httpStatus: 503, path: 'task.update', retryAfterMs: 1000 }),
          );
        },
        { write: true },
      );
    },
  );

  test('a call that waits too long for a connection is SERVICE_UNAVAILABLE with isRetryable and isUndone', async () => {
    const narrow = await openDatabase({ url, poolMax: 1, poolWaitMs: 100 });
    atEnd(() => narrow.close());
    const server = await openServer(narrow);
    await narrow.acrossAllUsers(async () => {
      const response = await server.call(caller, 'task.list');
      const unavailable = {
        code: 'SERVICE_UNAVAILABLE',
        httpStatus: 503,
        retryAfterMs: 1000,
        isRetryable: true,
        isUndone: true,
      };
      expect(response).toEqual(failure({ ...unavailable, path: 'task.list' }));
    });
    expect((await server.call(caller, 'task.list')).status).toBe(200);
  });

  test('a value that only the database refuses is BAD_REQUEST without database text', async () => {
    const server = await openAltered(`alter table tasks add constraint tasks_title_calm check (title !~ '!')`);
    const response = await server.call(caller, 'task.create', { title: `${secret}!` });
    const validation = { errors: ['A value cannot be stored. Change it and try again.'] };
    expect(response).toEqual(failure({ code: 'BAD_REQUEST', httpStatus: 400, path: 'task.create', validation }));
    expect(response.text).not.toMatch(/Zanzibar|calm/);
  });

  test('a refused access to a table is NOT_FOUND, like a task that does not exist', async () => {
    const server = await openAltered('revoke select on tasks from holdfast_app');
    const response = await server.call(caller, 'task.get', { id: randomUUID() });
    expect(response).toEqual(failure({ code: 'NOT_FOUND', httpStatus: 404, path: 'task.get' }));
    expect(response.error?.message).toBe('Task not found.');
  });

  test('a defect is INTERNAL_SERVER_ERROR and reveals no details', async () => {
    const server = await openAltered('alter table tasks drop column description cascade');
    const response = await server.call(caller, 'task.create', { title: secret });
    expect(response).toEqual(failure({ code: 'INTERNAL_SERVER_ERROR', httpStatus: 500, path: 'task.create' }));
    expect(response.error?.message).toBe('Internal server error. Include the request ID when you report it.');
    expect(response.text).not.toMatch(/Zanzibar|description/);
  });
});
