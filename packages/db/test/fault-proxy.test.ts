import { expect, test } from 'vitest';
import { openFaultProxy } from '../src/testing/index.ts';
import { atEnd, connect, openBareDatabase } from './fixture.ts';

const { url } = await openBareDatabase();
const direct = await connect(url);
await direct.query('create table marks (mark text)');

async function openClient() {
  const proxy = await openFaultProxy(url);
  atEnd(() => proxy.close());
  return { proxy, client: await connect(proxy.url) };
}

const readMarks = async () => (await direct.query<{ mark: string }>('select mark from marks')).rows;

test.each(['commit', 3])('the server commits a transaction although the proxy loses its response to %j', async (to) => {
  const { proxy, client } = await openClient();
  const lost = proxy.loseAnswer(to);
  await client.query('begin');
  await client.query('insert into marks values ($1)', [`lost ${to}`.toUpperCase()]);
  await expect(client.query('commit')).rejects.toThrow(/ECONNRESET|Connection terminated/);
  await lost;
  expect(await readMarks()).toContainEqual({ mark: `lost ${to}`.toUpperCase() });
});

test('data that the proxy withholds arrives complete and in order after restore', async () => {
  const { proxy, client } = await openClient();
  proxy.silence('everything');
  const response = client.query(`insert into marks values ('one'); insert into marks values ('two')`);
  const pause = direct.query('select pg_sleep(0.1)').then(() => 'silent');
  expect(await Promise.race([response, pause])).toBe('silent');
  expect(await readMarks()).not.toContainEqual({ mark: 'one' });
  await proxy.mend();
  await response;
  expect((await readMarks()).slice(-2)).toEqual([{ mark: 'one' }, { mark: 'two' }]);
});

test('the server keeps the session of a client that disconnects while the proxy withholds everything', async () => {
  const { proxy, client } = await openClient();
  const { rows } = await client.query<{ pid: number }>('select pg_backend_pid() as pid');
  const countSessions = async () =>
    (await direct.query('select from pg_stat_activity where pid = $1', [rows[0]!.pid])).rowCount;
  proxy.silence('everything');
  const end = client.end();
  await direct.query('select pg_sleep(0.1)');
  expect(await countSessions()).toBe(1);
  await proxy.mend();
  await end;
  await expect.poll(countSessions).toBe(0);
});

test('a slow proxy adds latency, limits the bandwidth and loses nothing', async () => {
  const { proxy, client } = await openClient();
  proxy.slow({ latencyMs: 20, bytesPerSecond: 1_000_000 });
  const began = performance.now();
  const { rows } = await client.query<{ text: string }>(`select repeat('x', 200000) as text`);
  expect(rows[0]!.text).toHaveLength(200_000);
  // The delay that the proxy adds, independent of the speed of the machine.
  expect(performance.now() - began).toBeGreaterThan(200);
});

test('a refusing proxy serves existing connections until they are reset, and new ones after restore', async () => {
  const { proxy, client } = await openClient();
  await proxy.refuse();
  await expect(connect(proxy.url)).rejects.toThrow('ECONNREFUSED');
  await client.query('select 1');
  proxy.reset();
  await expect(client.query('select 1')).rejects.toThrow(/ECONNRESET|Connection terminated|not queryable/);
  await proxy.mend();
  await connect(proxy.url);
});
