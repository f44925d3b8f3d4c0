import { expect, test } from 'vitest';
import { openFaultProxy } from '../../src/testing/index.ts';
import { atEnd, connect, openBareDatabase } from '../fixture.ts';

const { url } = await openBareDatabase();
const direct = await connect(url);
await direct.query('create table marks (mark text)');

async function openClient() {
  const proxy = await openFaultProxy(url);
  atEnd(() => proxy.close());
  return { proxy, client: await connect(proxy.url) };
}

const readMarks = async () => (await direct.query<{ mark: string }>('select mark from marks')).rows;

test.each(['commit', 3])('the server completes a transaction whose response to %j is lost', async (request) => {
  const { proxy, client } = await openClient();
  const lost = proxy.loseResponse(request);
  await client.query('begin');
  await client.query('insert into marks values ($1)', [`lost ${request}`.toUpperCase()]);
  await expect(client.query('commit')).rejects.toThrow(/ECONNRESET|Connection terminated/);
  await lost;
  expect(await readMarks()).toContainEqual({ mark: `lost ${request}`.toUpperCase() });
});

test('stalled data arrives complete and in order after the proxy is restored', async () => {
  const { proxy, client } = await openClient();
  proxy.stall('everything');
  const response = client.query(`insert into marks values ('one'); insert into marks values ('two')`);
  const pause = direct.query('select pg_sleep(0.1)').then(() => 'stalled');
  expect(await Promise.race([response, pause])).toBe('stalled');
  expect(await readMarks()).not.toContainEqual({ mark: 'one' });
  await proxy.restore();
  await response;
  expect((await readMarks()).slice(-2)).toEqual([{ mark: 'one' }, { mark: 'two' }]);
});

test('the server does not notice that a client disconnects while the proxy is stalled', async () => {
  const { proxy, client } = await openClient();
  const { rows } = await client.query<{ pid: number }>('select pg_backend_pid() as pid');
  const countBackends = async () =>
    (await direct.query('select from pg_stat_activity where pid = $1', [rows[0]!.pid])).rowCount;
  proxy.stall('everything');
  const end = client.end();
  await direct.query('select pg_sleep(0.1)');
  expect(await countBackends()).toBe(1);
  await proxy.restore();
  await end;
  await expect.poll(countBackends).toBe(0);
});

test('a slow fault proxy adds latency, limits the bandwidth and loses no data', async () => {
  const { proxy, client } = await openClient();
  proxy.slow({ latencyMs: 20, bytesPerSecond: 1_000_000 });
  const startedAt = performance.now();
  const { rows } = await client.query<{ text: string }>(`select repeat('x', 200000) as text`);
  expect(rows[0]!.text).toHaveLength(200_000);
  // The proxy alone adds 240 ms, so this does not depend on the speed of the machine.
  expect(performance.now() - startedAt).toBeGreaterThan(200);
});

test('refuseConnections leaves open connections alone, and resetConnections ends them', async () => {
  const { proxy, client } = await openClient();
  await proxy.refuseConnections();
  await expect(connect(proxy.url)).rejects.toThrow('ECONNREFUSED');
  await client.query('select 1');
  proxy.resetConnections();
  await expect(client.query('select 1')).rejects.toThrow(/ECONNRESET|Connection terminated|not queryable/);
  await proxy.restore();
  await connect(proxy.url);
});
