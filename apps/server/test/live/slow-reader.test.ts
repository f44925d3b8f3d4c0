import { once } from 'node:events';
import { createServer, type ServerResponse } from 'node:http';
import { type AddressInfo, connect } from 'node:net';
import { createExpressMiddleware } from '@holdfast/trpc-express';
import { initTRPC } from '@trpc/server';
import express from 'express';
import { expect, onTestFinished, test } from 'vitest';
import { trackConnections } from '../../src/http/connections.ts';

const value = 'x'.repeat(1024 * 1024);

/** Opens a server whose stream always has another value of a mebibyte. */
async function open(stallMs: number) {
  const t = initTRPC.create({ sse: { ping: { enabled: true, intervalMs: 20 } } });
  const state = { values: 0, ended: 0 };
  const router = t.router({
    endless: t.procedure.subscription(async function* () {
      try {
        for (;;) {
          state.values += 1;
          yield value;
        }
      } finally {
        state.ended += 1;
      }
    }),
  });
  const server = createServer();
  const stalled: (ServerResponse | null)[] = [];
  trackConnections(server, { stallMs, onStalled: (response) => stalled.push(response) });
  server.on('request', express().use('/trpc', createExpressMiddleware({ router, createContext: () => ({}) })));
  onTestFinished(() => void server.close());
  await once(server.listen(0, '127.0.0.1'), 'listening');
  const client = connect({ port: (server.address() as AddressInfo).port, host: '127.0.0.1' });
  client.on('error', () => {});
  onTestFinished(() => void client.destroy());
  client.write('GET /trpc/endless HTTP/1.1\r\nHost: x\r\n\r\n');
  return { state, stalled, client };
}

test('a client that does not read is disconnected, and its stream makes no further values', async () => {
  const { state, stalled, client } = await open(300);
  client.pause();
  await expect.poll(() => stalled.length).toBe(1);
  await expect.poll(() => state.ended).toBe(1);
  expect(stalled[0]).toMatchObject({ statusCode: 200, req: { originalUrl: '/trpc/endless' } });
  // The buffers of both operating systems hold a few values. The process holds one.
  expect(state.values).toBeLessThan(20);
});

test('a client that reads a long stream stays connected', async () => {
  const { state, stalled, client } = await open(1000);
  client.resume();
  await expect.poll(() => state.values).toBeGreaterThan(50);
  expect([stalled.length, state.ended]).toEqual([0, 0]);
});
