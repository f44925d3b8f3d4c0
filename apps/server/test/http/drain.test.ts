import { once } from 'node:events';
import { createServer } from 'node:http';
import { type AddressInfo, connect } from 'node:net';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { expect, test } from 'vitest';
import { trackConnections } from '../../src/http/connections.ts';

test('a server that stops serves a request that arrives while it is busy, although the time of idle connections is over', async () => {
  const server = createServer();
  const connections = trackConnections(server);
  server.on('request', (_, res) => res.end('served'));
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const client = connect((server.address() as AddressInfo).port, '127.0.0.1');
  const send = () => client.write('GET / HTTP/1.1\r\nhost: x\r\n\r\n');
  let received = '';
  client.on('data', (chunk) => (received += String(chunk)));
  const closed = once(client, 'close');
  send();
  await expect.poll(() => received).toContain('served');
  received = '';

  const graceMs = 20;
  const stopped = connections.close({ graceMs, deadlineMs: 10_000 });
  await nextTurn();
  send();
  // The process reads the request after this, when the timer is due already.
  const busyUntil = performance.now() + 2 * graceMs;
  while (performance.now() < busyUntil);
  await closed;
  expect(received).toContain('connection: close');
  expect(received).toContain('served');
  await stopped;
});
