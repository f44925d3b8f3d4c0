import { once } from 'node:events';
import { chmod, mkdtemp, rm } from 'node:fs/promises';
import { type AddressInfo, createServer, type ListenOptions } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { openConnection } from '../src/connection/dedicated-client.ts';
import { migrate, openAuthStore, openDatabase } from '../src/index.ts';
import { readStatus } from '../src/status/status.ts';
import { atEnd } from './fixture.ts';

const requests = {
  'clear-text': Buffer.from('520000000800000003', 'hex'),
  MD5: Buffer.from('520000000c0000000501020304', 'hex'),
};

/** A program that listens in place of PostgreSQL and requests the password. Records what it receives after the request. */
async function openImpostor(request: Buffer, where: ListenOptions = { port: 0, host: '127.0.0.1' }) {
  const received: Buffer[] = [];
  const server = createServer((socket) => {
    socket.on('error', () => {});
    socket.once('data', () => {
      socket.on('data', (data) => {
        received.push(data);
        socket.destroy();
      });
      socket.write(request);
    });
  }).listen(where);
  await once(server, 'listening');
  atEnd(async () => void server.close());
  return { received, server };
}

const ways = {
  openDatabase: (url: string) => openDatabase({ url }),
  migrate: (url: string) => migrate({ url }),
  'the sign-in store': (url: string) => openAuthStore({ url }).kysely.selectFrom('user').selectAll().execute(),
  'the status report': readStatus,
  'the connection of a backup': (url: string) => openConnection(url),
};

test.each(
  Object.entries(ways).flatMap(([name, open]) => Object.keys(requests).map((method) => ({ name, open, method }))),
)('$name sends no password without TLS to a program that requests a $method password', async ({ open, method }) => {
  const { received, server } = await openImpostor(requests[method as keyof typeof requests]);
  const { port } = server.address() as AddressInfo;
  const error = await open(`postgresql://holdfast:secret@127.0.0.1:${port}/tasks`).catch((reason: unknown) => reason);
  expect(received).toEqual([]);
  const { cause = error } = error as Error;
  expect((cause as Error).message).toBe(
    `The database server requests a ${method} password without TLS. Use scram-sha-256 in pg_hba.conf, or TLS.`,
  );
});

test('a server on a Unix socket receives a password in clear text only in a folder that no other user can change', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'holdfast-socket-'));
  atEnd(() => rm(folder, { recursive: true }));
  const { received } = await openImpostor(requests['clear-text'], { path: join(folder, '.s.PGSQL.5432') });
  const url = `postgresql://holdfast:secret@localhost/tasks?host=${folder}`;
  await chmod(folder, 0o777);
  await expect(openConnection(url)).rejects.toThrow('requests a clear-text password without TLS');
  expect(received).toEqual([]);
  await chmod(folder, 0o700);
  await expect(openConnection(url)).rejects.toThrow('Connection terminated');
  expect(Buffer.concat(received).toString()).toContain('secret');
});
