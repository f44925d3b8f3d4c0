import { once } from 'node:events';
import { Agent, type IncomingMessage, request } from 'node:http';
import { json } from 'node:stream/consumers';
import { setTimeout } from 'node:timers/promises';
import { openDatabase } from '@holdfast/db';
import { expect, onTestFinished, test } from 'vitest';
import { openDatabaseUrl, openServer, signUp } from '../fixture.ts';
import { end, makeDataDir, startServer } from '../running-server.ts';
import { watch } from './watcher.ts';

test('a shutdown ends the streams first, and does not wait for their clients', async () => {
  const server = await startServer({ DATABASE_URL: await openDatabaseUrl(), HOLDFAST_DATA_DIR: await makeDataDir() });
  const people = await Promise.all(['ada', 'ben'].map((name) => signUp(server.base, `${name}@example.org`)));
  const streams = await Promise.all(people.flatMap(({ jwt }) => [1, 2, 3].map(() => watch(server.base, { jwt }))));
  for (const { pages } of streams) await expect.poll(() => pages.length).toBe(1);
  const stopped = end(server.process, 'SIGTERM');
  expect(await Promise.all(streams.map((stream) => stream.ended))).toEqual(streams.map(() => 'complete'));
  for (const { text } of streams) expect(text()).not.toContain('event: return');
  // Half the time limit of running requests.
  expect(await Promise.race([stopped, setTimeout(5000, 'waiting')])).toBe(0);
  expect(server.output()).not.toContain('not closed cleanly');
});

test('a server that stops refuses further streams, so that clients connect elsewhere', async () => {
  const server = await openServer();
  const { jwt } = await signUp(server.url, 'late@example.org');
  const agent = new Agent({ keepAlive: true, maxSockets: 1 });
  onTestFinished(() => agent.destroy());
  const send = async (path: string): Promise<IncomingMessage> => {
    const headers = { authorization: `Bearer ${jwt}`, accept: 'application/json' };
    const [response] = await once(request(server.url + path, { agent, headers }).end(), 'response');
    return response as IncomingMessage;
  };
  (await send('/livez')).resume();
  await setTimeout(0);
  const closed = server.shutdown.close();
  const refused = await send('/trpc/changes.watch');
  expect([refused.statusCode, refused.headers.connection]).toEqual([503, 'close']);
  expect(await json(refused)).toMatchObject({
    error: { message: 'The server is shutting down. Connect again.', data: { code: 'SERVICE_UNAVAILABLE' } },
  });
  await closed;
});

test('streams that wait for their first page when the server stops end without an error', async () => {
  const server = await openServer();
  const { jwt } = await signUp(server.url, 'patient@example.org');
  const db = await openDatabase({ url: server.databaseUrl });
  onTestFinished(() => db.close());
  const { opening, closed } = await db.acrossAllUsers(
    async (em) => {
      await em.execute('reset role; lock table tasks in access exclusive mode');
      // Two streams of a user read at a time, in each worker.
      const opening = Array.from({ length: 5 }, () => watch(server.url, { jwt }));
      const readMetrics = async () => (await fetch(`${server.url}/metrics`)).text();
      await expect.poll(readMetrics).toContain('\nholdfast_streams 5\n');
      return { opening, closed: server.shutdown.close() };
    },
    { write: true },
  );
  for (const stream of await Promise.all(opening)) {
    expect(stream.response.status).toBe(200);
    expect(await stream.ended).toBe('complete');
    expect(stream.text()).not.toContain('error');
  }
  await closed;
});
