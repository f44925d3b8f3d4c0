import { once } from 'node:events';
import { createServer, type RequestListener } from 'node:http';
import { type AddressInfo, connect, type Socket } from 'node:net';
import { setTimeout } from 'node:timers/promises';
import { expect, onTestFinished, test } from 'vitest';
import { type ConnectionOptions, trackConnections } from '../../src/http/connections.ts';

/** More than the buffers of the operating system hold. */
const large = Buffer.alloc(32 * 1024 * 1024);

/** Opens a server, and collects the events of its connections. */
async function open({ idleMs, ...options }: ConnectionOptions & { idleMs?: number }, handler: RequestListener) {
  const server = createServer();
  if (idleMs !== undefined) Object.assign(server, { keepAliveTimeout: idleMs, headersTimeout: idleMs });
  const sockets: Socket[] = [];
  server.on('connection', (socket) => sockets.push(socket));
  trackConnections(server, options);
  server.on('request', handler);
  onTestFinished(() => void server.close());
  await once(server.listen(0, '127.0.0.1'), 'listening');
  const { port } = server.address() as AddressInfo;
  const openClient = async ({ allowHalfOpen = false } = {}) => {
    const client = connect({ port, host: '127.0.0.1', allowHalfOpen }).on('error', () => {});
    onTestFinished(() => void client.destroy());
    await once(client, 'connect');
    await expect.poll(() => sockets.length).toBeGreaterThan(0);
    return client;
  };
  return { sockets, openClient };
}

const get = 'GET / HTTP/1.1\r\nHost: x\r\n\r\n';

test('a connection whose client does not read the response is closed', async () => {
  const { sockets, openClient } = await open({ stallMs: 100 }, (_req, res) => void res.end(large));
  const client = await openClient();
  client.pause();
  client.write(get);
  await once(sockets[0]!, 'close');
  expect(sockets[0]!.destroyed).toBe(true);
});

test('a connection whose client reads too slowly is closed', async () => {
  const options = { stallMs: 1500, bytesPerSecondMin: 1024 ** 3 };
  const { sockets, openClient } = await open(options, (_req, res) => void res.end(large));
  const client = await openClient();
  client.pause();
  client.write(get);
  const closed = once(sockets[0]!, 'close').then(() => 'closed');
  // Each turn makes room for new data, so the response always makes progress.
  const trickle = async () => {
    for (let turn = 0; turn < 1000 && !sockets[0]!.destroyed; turn += 1) {
      client.read(64 * 1024);
      await setTimeout(50);
    }
    return 'never closed';
  };
  expect(await Promise.race([closed, trickle().then(() => closed)])).toBe('closed');
  expect(client.bytesRead).toBeGreaterThan(64 * 1024);
});

test('a client that reads a large response, idles and calls again keeps its connection', async () => {
  const { sockets, openClient } = await open({ stallMs: 50 }, (_req, res) => void res.end(large));
  const client = await openClient();
  let bytes = 0;
  client.on('data', (chunk) => (bytes += chunk.length));
  for (let call = 1; call <= 2; call += 1) {
    client.write(get);
    await expect.poll(() => bytes, { timeout: 20_000 }).toBeGreaterThan(call * large.length);
    await setTimeout(300);
  }
  expect(sockets[0]!.destroyed).toBe(false);
});

test('a connection that waits for the server is not closed', async () => {
  const waiting = Promise.withResolvers<void>();
  let calls = 0;
  const { sockets, openClient } = await open({ stallMs: 50, idleMs: 50 }, (_req, res) => {
    calls += 1;
    if (calls === 1) res.end('first');
    else void waiting.promise.then(() => res.end('done'));
  });
  const client = await openClient();
  client.write(get + get);
  await once(client, 'data');
  await setTimeout(300);
  expect(sockets[0]!.destroyed).toBe(false);
  waiting.resolve();
  const [chunk] = (await once(client, 'data')) as [Buffer];
  expect(chunk.toString()).toContain('done');
});

test('a connection that sends only line breaks after a request is closed', async () => {
  const { sockets, openClient } = await open({ stallMs: 50, idleMs: 50 }, (_req, res) => void res.end('ok'));
  const client = await openClient();
  client.write(get);
  await once(client, 'data');
  for (let turn = 0; turn < 500 && !sockets[0]!.destroyed; turn += 1) {
    client.write('\r\n'.repeat(100));
    await setTimeout(20);
  }
  expect(sockets[0]!.destroyed).toBe(true);
});

test('a client that sends a refused body without end is disconnected', async () => {
  const { sockets, openClient } = await open({ stallMs: 100 }, (_req, res) => void res.writeHead(413).end());
  const client = await openClient({ allowHalfOpen: true });
  client.resume();
  client.write('POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 1000000000\r\n\r\n');
  const closed = once(sockets[0]!, 'close').then(() => 'closed');
  const send = async () => {
    for (let turn = 0; turn < 1000 && !sockets[0]!.destroyed; turn += 1) {
      client.write(Buffer.alloc(1024));
      await setTimeout(20);
    }
  };
  expect(await Promise.race([closed, send().then(() => closed)])).toBe('closed');
});

test('connections beyond the limits of the server and of one address are closed at once', async () => {
  for (const limits of [{ max: 3 }, { perAddressMax: 3 }]) {
    let refused = 0;
    const { openClient } = await open(
      { ...limits, onRefused: () => (refused += 1) },
      (_req, res) => void res.end('ok'),
    );
    const clients = await Promise.all(Array.from({ length: 3 }, () => openClient()));
    const fourth = await openClient();
    await once(fourth.resume(), 'close');
    expect(refused).toBe(1);
    clients[0]!.destroy();
    await expect
      .poll(async () => {
        const next = await openClient();
        next.write(get);
        return Promise.race([once(next, 'data').then(() => 'served'), once(next, 'close').then(() => 'closed')]);
      })
      .toBe('served');
  }
});

test('a user with many unread responses does not end the response of another user who reads slowly', async () => {
  const bodies = { modest: Buffer.alloc(12 * 1024 * 1024), greedy: large };
  const { sockets, openClient } = await open({ stallMs: 20_000 }, (req, res) => {
    const user = req.url!.slice(1) as keyof typeof bodies;
    // As the authentication does in the app.
    Object.assign(res, { locals: { userId: user } });
    res.end(bodies[user]);
  });
  const ask = async (user: string) => {
    const client = await openClient();
    client.pause();
    client.write(`GET /${user} HTTP/1.1\r\nHost: x\r\n\r\n`);
    return client;
  };
  await ask('modest');
  await expect.poll(() => sockets[0]!.writableLength).toBeGreaterThan(0);
  // The check sees the modest user first, so its response is the slowest one.
  await setTimeout(1100);
  for (let count = 0; count < 4; count += 1) await ask('greedy');
  await expect.poll(() => sockets.filter(({ destroyed }) => destroyed).length, { timeout: 10_000 }).toBeGreaterThan(1);
  expect(sockets[0]!.destroyed).toBe(false);
});
