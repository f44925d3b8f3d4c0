import { expect, test } from 'vitest';
import { openFaultProxy } from '../src/testing/index.ts';
import { atEnd, connect, openBareDatabase } from './fixture.ts';

const { url } = await openBareDatabase();
const direct = await connect(url);
await direct.query('create table marks (mark text)');

async function openClient() {
  const line = await openFaultProxy(url);
  atEnd(() => line.close());
  return { line, client: await connect(line.url) };
}

const readMarks = async () => (await direct.query<{ mark: string }>('select mark from marks')).rows;

test.each(['commit', 3])('what the server did before its answer to %j was lost is done', async (to) => {
  const { line, client } = await openClient();
  const lost = line.loseAnswer(to);
  await client.query('begin');
  await client.query('insert into marks values ($1)', [`lost ${to}`.toUpperCase()]);
  await expect(client.query('commit')).rejects.toThrow(/ECONNRESET|Connection terminated/);
  await lost;
  expect(await readMarks()).toContainEqual({ mark: `lost ${to}`.toUpperCase() });
});

test('what a silence held back arrives whole and in order once it ends', async () => {
  const { line, client } = await openClient();
  line.silence('everything');
  const answer = client.query(`insert into marks values ('one'); insert into marks values ('two')`);
  const pause = direct.query('select pg_sleep(0.1)').then(() => 'silent');
  expect(await Promise.race([answer, pause])).toBe('silent');
  expect(await readMarks()).not.toContainEqual({ mark: 'one' });
  await line.mend();
  await answer;
  expect((await readMarks()).slice(-2)).toEqual([{ mark: 'one' }, { mark: 'two' }]);
});

test('the server does not hear of a client that ends during a silence', async () => {
  const { line, client } = await openClient();
  const { rows } = await client.query<{ pid: number }>('select pg_backend_pid() as pid');
  const isThere = async () =>
    (await direct.query('select from pg_stat_activity where pid = $1', [rows[0]!.pid])).rowCount;
  line.silence('everything');
  const end = client.end();
  await direct.query('select pg_sleep(0.1)');
  expect(await isThere()).toBe(1);
  await line.mend();
  await end;
  await expect.poll(isThere).toBe(0);
});

test('a slow line delays and narrows, and loses nothing', async () => {
  const { line, client } = await openClient();
  line.slow({ latencyMs: 20, bytesPerSecond: 1_000_000 });
  const began = performance.now();
  const { rows } = await client.query<{ text: string }>(`select repeat('x', 200000) as text`);
  expect(rows[0]!.text).toHaveLength(200_000);
  // What the line itself adds, not how fast anything is.
  expect(performance.now() - began).toBeGreaterThan(200);
});

test('a line refuses new connections and keeps those it has, until it is reset', async () => {
  const { line, client } = await openClient();
  await line.refuse();
  await expect(connect(line.url)).rejects.toThrow('ECONNREFUSED');
  await client.query('select 1');
  line.reset();
  await expect(client.query('select 1')).rejects.toThrow(/ECONNRESET|Connection terminated|not queryable/);
  await line.mend();
  await connect(line.url);
});
