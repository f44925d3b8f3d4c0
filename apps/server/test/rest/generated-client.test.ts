import { execFile, spawnSync } from 'node:child_process';
import { createHash, randomUUID } from 'node:crypto';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, expect, test } from 'vitest';
import { bearer, createTokenCalls } from '../auth/api-token-fixture.ts';
import { openServer, signUp } from '../fixture.ts';

// Debian has no generator of clients for Python or Go. It has this one for Perl, which makes the client while it runs.
const hasClient = spawnSync('perl', ['-MOpenAPI::Client', '-e', '1']).status === 0;
if (!hasClient) {
  if (process.env['TEST_OPENAPI_CLIENT'])
    throw new Error('OpenAPI::Client is missing. Install libopenapi-client-perl.');
  console.warn('Skipped: test/rest/generated-client.test.ts, for libopenapi-client-perl is not installed here.');
}

const folder = await mkdtemp(join(tmpdir(), 'holdfast-client-'));
afterAll(() => rm(folder, { recursive: true, force: true }));
const script = fileURLToPath(new URL('generated-client.pl', import.meta.url));

type Call = [operation: string, parameters?: Record<string, unknown>, body?: Record<string, unknown>];

interface Result {
  operation: string;
  /** Whether the client accepted the input and sent it. */
  isSent: boolean;
  status: number;
  body: { items?: { id: string }[] } & Record<string, unknown>;
  /** Differences between the response and the document. */
  problems: string[];
}

/** The client reads the schema of OpenAPI documents from the network, or from here. Redocly has checked the document. */
const schemaUrl = 'https://spec.openapis.org/oas/3.1/schema/2021-05-20';

async function run(url: string, token: string, calls: Call[]): Promise<Result[]> {
  const response = await fetch(`${url}/openapi.json`);
  const document = join(folder, 'openapi.json');
  await writeFile(document, await response.text());
  await writeFile(join(folder, createHash('md5').update(schemaUrl).digest('hex')), '{}');
  const env = { PATH: process.env['PATH'], HOLDFAST_TOKEN: token, JSON_VALIDATOR_CACHE_PATH: folder };
  return new Promise((resolve, reject) => {
    const child = execFile('perl', [script, `file://${document}`, url], { env }, (error, stdout) =>
      error ? reject(error) : resolve(JSON.parse(stdout) as Result[]),
    );
    child.stdin!.end(JSON.stringify(calls.map(([operation, parameters = {}, body]) => [operation, parameters, body])));
  });
}

test.skipIf(!hasClient)(
  'a client in Perl, made from /openapi.json, adds, finds, changes and restores tasks, and all responses fit the document',
  async () => {
    const { url } = await openServer();
    const { session } = await signUp(url, 'ada@example.org');
    const { token } = await createTokenCalls(url).create(session, { scope: 'write' });
    const [id, other, listId] = [randomUUID(), randomUUID(), randomUUID()];
    const due = { date: '2027-06-01', time: '09:30', timeZone: 'Europe/Berlin' };
    const results = await run(url, token, [
      ['user_me'],
      ['list_create', {}, { id: listId, name: 'Garden', color: '#2563eb' }],
      ['task_create', {}, { id, title: 'Water the plants', listId, due, labels: ['home'], priority: 2 }],
      ['task_createMany', {}, { items: [{ id: other, title: 'Żółw 🐢' }, { title: 'Repot the fern' }] }],
      ['task_list', { limit: 1, due_from: '2027-01-01', order: 'due' }],
      ['task_get', { id }],
      ['task_update', { id, 'If-Match': '"1"' }, { completed: true }],
      ['task_update', { id, 'If-Match': '"1"' }, { completed: false }],
      ['task_get', { id: randomUUID() }],
      ['task_updateMany', {}, { ids: [id, other], set: { addLabels: ['garden'], due: { date: '2027-06-02' } } }],
      ['task_count', { label: 'garden' }],
      ['label_list'],
      ['task_delete', { id }],
      ['trash_list', { limit: 10 }],
      ['trash_restore', {}, { ids: [id] }],
      ['list_list'],
      ['changes_list', { limit: 10 }],
      ['user_export'],
      ['task_list', { limit: 500 }],
      ['task_create', {}, { title: '  ' }],
      ['task_update', { id: 'no-uuid' }, { title: 'x' }],
    ]);
    expect(results.map(({ operation, isSent, status, problems }) => [operation, isSent, status, problems])).toEqual([
      ['user_me', true, 200, []],
      ['list_create', true, 201, []],
      ['task_create', true, 201, []],
      ['task_createMany', true, 201, []],
      ['task_list', true, 200, []],
      ['task_get', true, 200, []],
      ['task_update', true, 200, []],
      ['task_update', true, 409, []],
      ['task_get', true, 404, []],
      ['task_updateMany', true, 200, []],
      ['task_count', true, 200, []],
      ['label_list', true, 200, []],
      ['task_delete', true, 200, []],
      ['trash_list', true, 200, []],
      ['trash_restore', true, 200, []],
      ['list_list', true, 200, []],
      ['changes_list', true, 200, []],
      ['user_export', true, 200, []],
      ...['task_list', 'task_create', 'task_update'].map((name) => [name, false, 400, expect.any(Array)]),
    ]);
    expect(results[4]!.body.items!.map((task) => task.id)).toEqual([id]);
    const stored = await fetch(`${url}/api/v1/tasks/${id}`, { headers: bearer(token) });
    expect(await stored.json()).toMatchObject({ title: 'Water the plants', listId, priority: 2, completed: true });
  },
);
