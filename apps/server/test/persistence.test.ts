import { expect, test } from 'vitest';
import { end, killPostgres, makeDataDir, startServer } from './running-server.ts';

const credentials = { name: 'Ada', email: 'ada@example.com', password: 'correct horse' };

async function post(url: string, body: unknown, token?: string): Promise<Response> {
  return fetch(url, {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...(token && { authorization: `Bearer ${token}` }) },
    body: JSON.stringify(body),
  });
}

async function read(base: string, procedure: string, token: string, input?: unknown): Promise<string> {
  const query = input === undefined ? '' : `?input=${encodeURIComponent(JSON.stringify(input))}`;
  const response = await fetch(`${base}/trpc/${procedure}${query}`, { headers: { authorization: `Bearer ${token}` } });
  expect(response.status).toBe(200);
  return response.text();
}

test('after a kill of both the server and PostgreSQL, the next start returns the same bytes', async () => {
  const dataDir = await makeDataDir();
  const first = await startServer({ HOLDFAST_DATA_DIR: dataDir });
  const signUp = await post(`${first.base}/api/auth/sign-up/email`, credentials);
  const { token } = (await signUp.json()) as { token: string };
  const created = await post(
    `${first.base}/trpc/task.create`,
    { title: 'Grüße 😀 שלום', description: 'line\nline \\ "quoted" %_' },
    token,
  );
  const task = (await created.json()) as { result: { data: { id: string } } };
  const { id } = task.result.data;
  const before = await read(first.base, 'task.get', token, { id });

  await Promise.all([end(first.process, 'SIGKILL'), killPostgres(dataDir)]);

  const second = await startServer({ HOLDFAST_DATA_DIR: dataDir });
  expect(await read(second.base, 'task.get', token, { id })).toBe(before);
  expect(JSON.parse(before)).toEqual(task);
  expect(await read(second.base, 'user.me', token)).toContain('ada@example.com');
  expect(await end(second.process, 'SIGTERM')).toBe(0);
});
