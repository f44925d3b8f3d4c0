import { once } from 'node:events';
import { type IncomingMessage, request } from 'node:http';
import { text } from 'node:stream/consumers';
import { expect, test } from 'vitest';
import { openDatabaseUrl, signUp } from '../fixture.ts';
import { send, startWorkers } from './fixture.ts';

test('while all workers stop, running requests finish, and no client of a new connection waits without end', async () => {
  const server = await startWorkers({ DATABASE_URL: await openDatabaseUrl() });
  const { jwt } = await signUp(server.base, 'ada@example.org');
  const running = await Promise.all(
    [1, 2, 3, 4].map(async () => {
      const headers = { authorization: `Bearer ${jwt}`, 'content-type': 'application/json', expect: '100-continue' };
      const call = request(`${server.base}/trpc/task.create`, { agent: false, method: 'POST', headers });
      call.write('{"title":');
      await once(call, 'continue');
      return call;
    }),
  );
  const stopped = server.stop();
  const connectUntilRefused = async () => {
    for (;;) {
      const outcome = await send(server.base, { path: '/livez' }).catch(({ code }: { code: string }) => code);
      if (outcome === 'ECONNREFUSED') return outcome;
    }
  };
  const clients = Array.from({ length: 20 }, connectUntilRefused);
  expect(new Set(await Promise.all(clients))).toEqual(new Set(['ECONNREFUSED']));
  for (const call of running) {
    call.end('"Finish this"}');
    const [response] = (await once(call, 'response')) as [IncomingMessage];
    expect([response.statusCode, await text(response)]).toEqual([200, expect.stringContaining('Finish this')]);
  }
  expect(await stopped).toBe(0);
  expect(server.output()).not.toContain('not closed cleanly');
});
