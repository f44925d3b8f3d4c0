import { randomUUID } from 'node:crypto';
import { appRouter, type RouterInputs } from '@holdfast/api';
import { openAuthStore } from '@holdfast/db';
import type { AnyProcedure } from '@trpc/server';
import { afterAll, describe, expect, test } from 'vitest';
import { openDatabaseUrl, openServer, password, post, signUp } from '../fixture.ts';
import { bearer, createTokenCalls } from './api-token-fixture.ts';

const databaseUrl = await openDatabaseUrl();
const { url } = await openServer({ DATABASE_URL: databaseUrl, TRUST_PROXY: '1', RATE_LIMIT_PER_MINUTE: '0' });
const calls = createTokenCalls(url);
const store = openAuthStore({ url: databaseUrl });
afterAll(() => store.close());

const procedures = Object.entries(appRouter._def.procedures as unknown as Record<string, AnyProcedure>).map(
  ([path, { _def }]) => ({ path, type: _def.type }),
);
const pathsOf = (type: string) => procedures.filter((one) => one.type === type).map(({ path }) => path);

interface Target {
  id: string;
  listId: string;
}

/** An input with which each mutation succeeds for the owner of the task and the list. */
const mutations: Record<string, (target: Target) => unknown> = {
  'task.create': () => ({ title: 'new' }) satisfies RouterInputs['task']['create'],
  'task.update': ({ id }) => ({ id, title: 'changed' }) satisfies RouterInputs['task']['update'],
  'task.createMany': () => ({ items: [{ title: 'new' }] }) satisfies RouterInputs['task']['createMany'],
  'task.updateMany': ({ id }) => ({ ids: [id], set: { priority: 3 } }) satisfies RouterInputs['task']['updateMany'],
  'task.reorder': ({ id, listId }) => ({ listId, ids: [id] }) satisfies RouterInputs['task']['reorder'],
  'task.deleteMany': ({ id }) => ({ ids: [id] }) satisfies RouterInputs['task']['deleteMany'],
  'trash.restore': ({ id }) => ({ ids: [id] }) satisfies RouterInputs['trash']['restore'],
  'label.rename': () => ({ from: 'secret', to: 'other' }) satisfies RouterInputs['label']['rename'],
  'list.create': () => ({ name: 'new' }) satisfies RouterInputs['list']['create'],
  'list.update': ({ listId: id }) => ({ id, name: 'changed' }) satisfies RouterInputs['list']['update'],
  'list.delete': ({ listId: id }) => ({ id }) satisfies RouterInputs['list']['delete'],
  'list.restore': ({ listId: id }) => ({ id }) satisfies RouterInputs['list']['restore'],
  'task.delete': ({ id }) => ({ id }) satisfies RouterInputs['task']['delete'],
  'trash.purge': ({ id }) => ({ ids: [id] }) satisfies RouterInputs['trash']['purge'],
  'user.update': () => ({ timeZone: 'Asia/Tokyo' }) satisfies RouterInputs['user']['update'],
  'user.import': () => ({ tasks: [] }) satisfies RouterInputs['user']['import'],
  'calendar.create': () => ({}) satisfies RouterInputs['calendar']['create'],
  'calendar.revoke': () => ({}) satisfies RouterInputs['calendar']['revoke'],
  'user.delete': () => ({ password }) satisfies RouterInputs['user']['delete'],
};

type Person = Awaited<ReturnType<typeof signUp>>;
type Headers = Record<string, string>;

interface Access {
  /** The headers of requests, for a new user. */
  open(owner: Person): Promise<Headers>;
  query: number;
  mutation: number;
  /** For `user.delete` and `calendar.create`. */
  deletion: number;
}

const tokenOf = async ({ session }: Person, input: object) => bearer((await calls.create(session, input)).token);

/** What each way to call may do. */
const access: Record<string, Access> = {
  'a JWT': { open: async ({ jwt }) => bearer(jwt), query: 200, mutation: 200, deletion: 200 },
  'a session token': { open: async ({ session }) => bearer(session), query: 200, mutation: 200, deletion: 200 },
  'a cookie': { open: async ({ cookie }) => ({ cookie, origin: url }), query: 200, mutation: 200, deletion: 200 },
  'a read token': { open: (owner) => tokenOf(owner, { scope: 'read' }), query: 200, mutation: 403, deletion: 403 },
  'a write token': { open: (owner) => tokenOf(owner, { scope: 'write' }), query: 200, mutation: 200, deletion: 403 },
  'an expired token': {
    async open({ id, session }) {
      const { token } = await calls.create(session, { expiresInDays: 1 });
      const expired = { expires_at: new Date(Date.now() - 1000) };
      await store.kysely.updateTable('api_tokens').set(expired).where('user_id', '=', id).execute();
      return bearer(token);
    },
    query: 401,
    mutation: 401,
    deletion: 401,
  },
  'a revoked token': {
    async open({ session }) {
      const { id, token } = await calls.create(session);
      // The server remembers it.
      expect((await call('user.me', bearer(token))).status).toBe(200);
      await calls.revoke(session, id);
      return bearer(token);
    },
    query: 401,
    mutation: 401,
    deletion: 401,
  },
  'no credential': { open: async () => ({}), query: 401, mutation: 401, deletion: 401 },
};

async function call(path: string, headers: Headers, input?: unknown): Promise<{ status: number; text: string }> {
  const json = input === undefined ? '' : `?input=${encodeURIComponent(JSON.stringify(input))}`;
  const response = pathsOf('mutation').includes(path)
    ? await post(`${url}/trpc/${path}`, input, headers)
    : await fetch(`${url}/trpc/${path}${json}`, { headers });
  return { status: response.status, text: await response.text() };
}

/** The status of the stream's first event that is an error, else 200. */
async function watch(headers: Headers): Promise<number> {
  const end = new AbortController();
  const options = { headers: { ...headers, accept: 'text/event-stream' }, signal: end.signal };
  const { body } = await fetch(`${url}/trpc/changes.watch`, options);
  let text = '';
  for await (const chunk of body!.pipeThrough(new TextDecoderStream())) {
    text += chunk;
    const error = /"httpStatus":(\d+)/.exec(text);
    if (error === null && !text.includes('"tasks"')) continue;
    end.abort();
    return error === null ? 200 : Number(error[1]);
  }
  throw new Error(`The stream has ended: ${text}`);
}

async function createOwner(): Promise<{ owner: Person; target: Target }> {
  const owner = await signUp(url, `${randomUUID()}@example.org`);
  const target = { id: randomUUID(), listId: randomUUID() };
  await call('list.create', bearer(owner.jwt), { id: target.listId, name: 'secret list' });
  const task = { id: target.id, title: 'secret title', listId: target.listId, labels: ['secret'] };
  await call('task.create', bearer(owner.jwt), task);
  return { owner, target };
}

const dataOf = async ({ jwt }: Person) => (await call('user.export', bearer(jwt))).text;
const inputOf = (path: string, target: Target) => (path === 'task.get' ? { id: target.id } : undefined);

test('the matrix has an input for every mutation of the router', () => {
  expect(Object.keys(mutations).sort()).toEqual(pathsOf('mutation').sort());
});

describe.each(Object.entries(access))('with %s', (name, { open, query, mutation, deletion }) => {
  test(`with ${name}, every query has status ${query}, and so has the stream of changes`, async () => {
    const { owner, target } = await createOwner();
    const headers = await open(owner);
    for (const path of pathsOf('query')) {
      const { status, text } = await call(path, headers, inputOf(path, target));
      expect({ path, status }).toEqual({ path, status: query });
      if (query !== 200) expect(text).not.toMatch(/secret/);
    }
    expect(pathsOf('subscription')).toEqual(['changes.watch']);
    expect(await watch(headers)).toBe(query);
  });

  test(`with ${name}, every mutation has status ${mutation}, except that user.delete and calendar.create have ${deletion}`, async () => {
    const { owner, target } = await createOwner();
    const headers = await open(owner);
    const before = await dataOf(owner);
    for (const [path, toInput] of Object.entries(mutations)) {
      const expected = path === 'user.delete' || path === 'calendar.create' ? deletion : mutation;
      if (expected !== 200) {
        // Also before the input is checked.
        const { status, text } = await call(path, headers, { nonsense: true });
        expect({ path, status }).toEqual({ path, status: expected });
        if (expected === 403) expect(text).toMatch(/This token can only read\. Use|API tokens cannot make this call\./);
      }
      const { status } = await call(path, headers, toInput(target));
      expect({ path, status }).toEqual({ path, status: expected });
    }
    if (mutation !== 200) expect(await dataOf(owner)).toBe(before);
  });
});

test('with a token of another user, no procedure shows or changes data of the owner', async () => {
  const [{ owner, target }, { owner: other }] = [await createOwner(), await createOwner()];
  await call('list.delete', bearer(other.jwt), { id: target.listId });
  const headers = await tokenOf(await signUp(url, `${randomUUID()}@example.org`), { scope: 'write' });
  const before = await dataOf(owner);
  for (const path of pathsOf('query')) {
    expect((await call(path, headers, inputOf(path, target))).text).not.toMatch(/secret/);
  }
  for (const [path, toInput] of Object.entries(mutations)) await call(path, headers, toInput(target));
  expect(await dataOf(owner)).toBe(before);
});

test.each(['application/json', 'application/jsonl'])(
  'in a batch with a read token, all queries succeed and all mutations are FORBIDDEN, as %s',
  async (accept) => {
    const { owner } = await createOwner();
    const headers = { ...(await access['a read token']!.open(owner)), 'trpc-accept': accept };
    const before = await dataOf(owner);
    const send = async (paths: string, inputs: object) =>
      (await post(`${url}/trpc/${paths}?batch=1`, inputs, headers)).text();
    const written = await send('task.create,task.create,list.create', {
      0: { title: 'one' },
      1: {},
      2: { name: 'two' },
    });
    expect(written.match(/"code":"FORBIDDEN"/g)).toHaveLength(3);
    const read = await send('task.list,user.me', {});
    expect(read).toContain('secret title');
    expect(read).toContain(owner.id);
    expect(await dataOf(owner)).toBe(before);
  },
);
