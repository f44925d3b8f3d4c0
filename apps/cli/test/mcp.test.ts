import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFile } from 'node:fs/promises';
import { request } from 'node:http';
import { text } from 'node:stream/consumers';
import { Client, type ClientOptions } from '@modelcontextprotocol/client';
import { StdioClientTransport } from '@modelcontextprotocol/client/stdio';
import { expect, onTestFinished, test } from 'vitest';
import { createPerson, loginPath, main, type Person, signUpPerson, startOtherServer, startServer } from './fixture.ts';

const server = await startServer();

/** Starts `tasks mcp` as an assistant does, until the end of the test. */
async function connect({ env }: Person, more: Record<string, string> = {}, options: ClientOptions = {}) {
  const client = new Client({ name: 'test', version: '1.0.0' }, options);
  const transport = new StdioClientTransport({
    command: process.execPath,
    args: [main, 'mcp'],
    env: { ...env, ...more },
  });
  await client.connect(transport);
  onTestFinished(() => client.close());
  return async (name: string, args: Record<string, unknown> = {}) => {
    const { isError = false, content } = await client.callTool({ name, arguments: args });
    const { text: shown } = (content as { text: string }[])[0]!;
    return isError
      ? { error: shown }
      : (JSON.parse(shown.split('\n')[1]!) as { tasks: { id: string; title: string }[] });
  };
}

const tasksOf = (result: { tasks: { id: string; title: string }[] } | { error: string }) => {
  if ('error' in result) throw new Error(result.error);
  return result.tasks;
};

test.each<[string, ClientOptions]>([
  ['a handshake', {}],
  ['the newest protocol', { versionNegotiation: { mode: 'auto' } }],
])('an assistant with %s works with the tasks of the login through tasks mcp', async (_name, options) => {
  const ada = await signUpPerson(server);
  const call = await connect(ada, {}, options);
  const [task] = tasksOf(await call('add_tasks', { items: [{ title: 'Water the plants' }] }));
  expect(await ada.runJson('list')).toMatchObject([{ id: task!.id, title: 'Water the plants' }]);
  tasksOf(await call('update_tasks', { ids: [task!.id], priority: 3, due: { date: '2027-06-01' } }));
  tasksOf(await call('complete_tasks', { ids: [task!.id] }));
  expect(tasksOf(await call('find_tasks', { state: 'completed' }))).toMatchObject([
    { id: task!.id, priority: 3, due: { date: '2027-06-01' } },
  ]);
  expect(await call('delete_tasks', { ids: [task!.id] })).toEqual({ deletedIds: [task!.id] });
  expect(tasksOf(await call('find_trash'))).toMatchObject([{ id: task!.id }]);
  tasksOf(await call('restore_tasks', { ids: [task!.id] }));
  expect(await ada.runJson('list', '--all')).toHaveLength(1);
  expect(await call('get_task', { id: 'x' })).toEqual({ error: 'BAD_REQUEST: id: must be a UUID' });
  expect(await call('get_task', { id: '018f0000-0000-7000-8000-000000000000' })).toEqual({
    error: expect.stringMatching(/^NOT_FOUND: /),
  });
});

test('with a read token, tasks mcp reads, and the server refuses to write', async () => {
  const ada = await signUpPerson(server);
  await ada.run(['add', 'one']);
  const { session } = JSON.parse(await readFile(loginPath(ada, server), 'utf8')) as { session: string };
  const response = await fetch(`${server}/api/auth/create-token`, {
    method: 'POST',
    headers: { authorization: `Bearer ${session}`, 'content-type': 'application/json' },
    body: JSON.stringify({ name: 'Assistant', scope: 'read' }),
  });
  const { token } = (await response.json()) as { token: string };
  const call = await connect(await createPerson(), { HOLDFAST_URL: server, HOLDFAST_TOKEN: token });
  expect(tasksOf(await call('find_tasks'))).toMatchObject([{ title: 'one' }]);
  expect(await call('add_tasks', { items: [{ title: 'two' }] })).toEqual({
    error: 'FORBIDDEN: This token can only read. Use one with the scope write.',
  });
});

/** A server that passes requests on. It loses the first response to each write, after the server has applied it. */
async function startLosingServer(): Promise<{ url: string; writes: () => number }> {
  let writes = 0;
  const url = await startOtherServer((req, res) => {
    const { pathname, search } = new URL(req.url!, server);
    const passed = request(server + pathname + search, { method: req.method!, headers: req.headers }, (response) => {
      if (req.method === 'POST' && (writes += 1) === 1) {
        response.resume().once('end', () => res.destroy());
        return;
      }
      res.writeHead(response.statusCode!, response.headers);
      response.pipe(res);
    });
    req.pipe(passed);
  });
  return { url, writes: () => writes };
}

test('a write of an assistant whose response is lost is applied once', async () => {
  const ada = await signUpPerson(server);
  const { session } = JSON.parse(await readFile(loginPath(ada, server), 'utf8')) as { session: string };
  const losing = await startLosingServer();
  const call = await connect(ada, { HOLDFAST_URL: losing.url, HOLDFAST_TOKEN: session });
  const items = [{ title: 'one' }, { title: 'two' }];
  const added = tasksOf(await call('add_tasks', { items }));
  expect(losing.writes()).toBe(2);
  const stored = await ada.runJson<{ id: string }[]>('list');
  expect(stored.map(({ id }) => id).sort()).toEqual(added.map(({ id }) => id).sort());
});

test('a refused token and a failure of the server are failures of a tool, with a sentence for the assistant', async () => {
  const ada = await createPerson();
  const refused = await connect(ada, { HOLDFAST_URL: server, HOLDFAST_TOKEN: `hf_${'x'.repeat(40)}` });
  expect(await refused('find_tasks')).toEqual({
    error: `SESSION_ENDED: ${server} refused HOLDFAST_TOKEN. Set another token, or log in.`,
  });
  const failing = await startOtherServer((_req, res) => {
    const data = { code: 'INTERNAL_SERVER_ERROR', httpStatus: 500, path: null, requestId: null, validation: null };
    const error = { code: -32603, message: 'Internal server error.', data };
    res.writeHead(500, { 'content-type': 'application/json' }).end(JSON.stringify([{ error }]));
  });
  const call = await connect(ada, { HOLDFAST_URL: failing, HOLDFAST_TOKEN: 'x' });
  const message = 'INTERNAL_SERVER_ERROR: Internal server error.';
  expect(await call('find_tasks')).toEqual({ error: message });
  expect(await call('add_tasks', { items: [{ title: 'one' }] })).toEqual({
    error: `${message} The outcome is unknown. Check before you retry.`,
  });
});

test('without a login, tasks mcp exits with 1 and names the fix', async () => {
  const ada = await createPerson();
  const { code, stdout, stderr } = await ada.run(['mcp', '--server', server]);
  expect({ code, stdout }).toEqual({ code: 1, stdout: '' });
  expect(stderr).toContain('Not logged in');
});

test('tasks mcp ends with 0 when the assistant closes stdin, and after a message of more than 1 MiB', async () => {
  const ada = await signUpPerson(server);
  const closed = await ada.run(['mcp'], { input: '' });
  expect(closed).toEqual({ code: 0, stdout: '', stderr: '' });
  const child = spawn(process.execPath, [main, 'mcp'], { env: ada.env });
  onTestFinished(() => void child.kill());
  child.stdin.on('error', () => {});
  child.stdin.write('x'.repeat(1024 * 1024 + 1));
  const [stdout] = await Promise.all([text(child.stdout), once(child, 'close')]);
  expect({ code: child.exitCode, stdout }).toEqual({ code: 0, stdout: '' });
});
