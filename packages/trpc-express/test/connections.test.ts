import { setTimeout as wait } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { encodeRequest, type WireResponse, WireConnection } from './fixtures/http-wire.ts';
import { openPair, type Pair, type Side, toComparable } from './fixtures/pair.ts';
import { get, getBatch, json, post } from './fixtures/requests.ts';

let pair: Pair;
beforeAll(async () => {
  pair = await openPair({ options: { maxBodySize: 1000 } });
});
afterAll(() => pair.close());

/** Does the same on a connection to each server, and expects equal results and events. */
async function compare<Result>(
  act: (connection: WireConnection, side: Side) => Promise<Result>,
  toEvents = (events: unknown[]) => [...events],
): Promise<Result> {
  const sides = [pair.stock, pair.ours];
  const [stock, ours] = await Promise.all(
    sides.map(async (side) => {
      side.events.length = 0;
      const connection = new WireConnection(side.port);
      const result = await act(connection, side);
      connection.close();
      return result;
    }),
  );
  await waitForEvents();
  const [stockEvents, ourEvents] = sides.map(({ events }) => toEvents(events));
  expect({ result: ours, events: ourEvents }).toEqual({ result: stock, events: stockEvents });
  return ours!;
}

/** Waits until neither server records more events and both have recorded the same number, or for about two seconds. */
async function waitForEvents(): Promise<void> {
  for (let tries = 0; tries < 100; tries += 1) {
    const before = countEvents();
    await wait(20);
    const [stock, ours] = countEvents();
    if (stock === ours && stock === before[0] && ours === before[1]) return;
  }
}

function countEvents(): [stock: number, ours: number] {
  return [pair.stock.events.length, pair.ours.events.length];
}

function toSorted(events: unknown[]): unknown[] {
  return events.map((event) => JSON.stringify(event)).sort();
}

async function readAll(connection: WireConnection, count: number): Promise<unknown[]> {
  const responses: (WireResponse | null)[] = [];
  while (responses.length < count) responses.push(await connection.read());
  return responses.map(toComparable);
}

describe('requests on one connection', () => {
  test('pipelined requests on one connection get their responses in order', async () => {
    const requests = [
      get('slow', 20),
      get('echo', 1),
      post('save', '{"a":1}'),
      post('save', `"${'x'.repeat(5000)}"`),
      post('touch', `"${'x'.repeat(5000)}"`),
      get('missing'),
      getBatch('echo,slow', { 0: 1, 1: 5 }),
      get('fail.error'),
      post('save', '2'),
    ];
    const responses = await compare((connection) => {
      connection.write(Buffer.concat(requests.map(encodeRequest)));
      return readAll(connection, requests.length);
      // The requests run concurrently, so the order of their events is random.
    }, toSorted);
    expect(responses).not.toContain(null);
  });

  test('a connection serves the next request after a body that was too large or never read', async () => {
    const responses = await compare(async (connection) => {
      const responses: unknown[] = [];
      for (const request of [post('save', 'x'.repeat(200_000)), post('missing', '1'), post('save', '1'), get('list')]) {
        connection.write(encodeRequest(request));
        responses.push(...(await readAll(connection, 1)));
      }
      return responses;
    });
    expect(responses).not.toContain(null);
  });

  test('a request that arrives byte by byte gets a response', async () => {
    const [response] = await compare(async (connection) => {
      for (const byte of encodeRequest(post('save', '{"a":"ü🙂"}'))) {
        connection.write(Buffer.of(byte));
        await wait(0);
      }
      return readAll(connection, 1);
    });
    expect(response).toMatchObject({ statusLine: 'HTTP/1.1 200 OK' });
  });

  test.each([
    'GET /trpc/echo?input=1 HTTP/1.0\r\n\r\n',
    'GET /trpc/echo?input=1 HTTP/1.0\r\nhost: a\r\nconnection: keep-alive\r\n\r\n',
    'POST /trpc/save HTTP/1.0\r\ncontent-type: application/json\r\ncontent-length: 1\r\n\r\n1',
    'GET /trpc/echo?input=1 HTTP/1.1\r\n\r\n',
    'GET /trpc/echo?input=1 HTTP/1.1\r\nhost: a\r\nhost: b\r\n\r\n',
    'GET /trpc/echo?input=1 HTTP/1.1\r\nhost: a\r\naccept: a\r\naccept: application/jsonl\r\n\r\n',
    'GET /trpc/echo?input=1 HTTP/1.1\r\nhost: a\r\ncontent-type: text/plain\r\ncontent-type: application/json\r\n\r\n',
    'POST /trpc/save HTTP/1.1\r\nhost: a\r\ncontent-type:\t application/json \r\ncontent-length: 1\r\n\r\n1',
    'POST /trpc/save HTTP/1.1\r\nhost: a\r\ncontent-type: application/json\r\ncontent-length: 1\r\ncontent-length: 2\r\n\r\n1',
    'POST /trpc/save HTTP/1.1\r\nhost: a\r\ncontent-type: application/json\r\ntransfer-encoding: chunked\r\n\r\nzz\r\n',
    'GET /trpc/ec\tho HTTP/1.1\r\nhost: a\r\n\r\n',
    'get /trpc/echo HTTP/1.1\r\nhost: a\r\n\r\n',
    'GET\r\n\r\n',
  ])('the raw request %j gets the same response from both adapters', async (text) => {
    const responses = await compare((connection) => {
      connection.write(Buffer.from(text, 'latin1'));
      return readAll(connection, 1);
    });
    expect(responses).not.toContain(null);
  });
});

async function disconnect(connection: WireConnection, side: Side, until: string): Promise<void> {
  for (let tries = 0; tries < 5000 && !JSON.stringify(side.events).includes(until); tries += 1) await wait(2);
  connection.close();
  await wait(30);
}

describe('a client that disconnects', () => {
  const hanging = [
    get('hang'),
    getBatch('hang,echo,hang', { 1: 1 }),
    post('hangSave', '{"a":1}'),
    post('hangSave,touch?batch=1', '{}'),
  ];

  test.each(hanging)('the signal of $target aborts and nothing is written', async (request) => {
    await compare(async (connection, side) => {
      connection.write(encodeRequest(request));
      await disconnect(connection, side, 'hangs');
    });
    expect(pair.ours.events).toContainEqual(['aborted', 'AbortError: This operation was aborted']);
    expect(pair.ours.events.filter((event) => Array.isArray(event) && event[0] === 'closed')).toEqual([
      ['closed', false, 200],
    ]);
  });

  test('a client can disconnect before createContext resolves', async () => {
    await compare(async (connection, side) => {
      connection.write(encodeRequest(get('me', undefined, { 'x-context': 'hangs' })));
      await disconnect(connection, side, 'createContext');
    });
    expect(JSON.stringify(pair.ours.events)).toContain('context aborted');
  });

  test.each(['save', 'touch', 'hangSave', 'twice'])(
    'a client can disconnect in the middle of the body of %s',
    async (path) => {
      await compare(async (connection, side) => {
        const head = { ...json, 'content-length': '100' };
        connection.write(encodeRequest({ method: 'POST', target: `/trpc/${path}`, headers: head, body: '{"a":' }));
        await disconnect(connection, side, path === 'touch' ? 'closed' : 'createContext');
      });
      expect(pair.ours.events).toContainEqual(['closed', path === 'touch', 200]);
    },
  );

  test('a query that ignores its signal continues after the client disconnects', async () => {
    await compare(async (connection, side) => {
      connection.write(encodeRequest(get('slow', 200)));
      await disconnect(connection, side, 'createContext');
      await wait(200);
    });
    expect(pair.ours.events).toContainEqual(['closed', false, 200]);
  });

  test('a client that ends only its sending side counts as disconnected, because Node closes the connection', async () => {
    const [response] = await compare((connection) => {
      connection.socket.end(encodeRequest(get('slow', 500)));
      return readAll(connection, 1);
    });
    expect(response).toBeNull();
  });

  test('the signal does not abort after the response is complete', async () => {
    await compare(async (connection) => {
      connection.write(encodeRequest(get('echo', 1)));
      return readAll(connection, 1);
    });
    expect(JSON.stringify(pair.ours.events)).not.toContain('aborted,');
  });
});

test('if createContext has started a response, the adapter does not write another one', async () => {
  await compare((connection) => {
    connection.write(encodeRequest(get('echo', 1, { 'x-context': 'writes' })));
    return readAll(connection, 1);
  });
  expect(JSON.stringify(pair.ours.events)).toContain('Cannot set headers after they are sent');
});

test('if createContext has sent a response, both adapters do the same', async () => {
  const [response] = await compare((connection) => {
    connection.write(encodeRequest(get('echo', 1, { 'x-context': 'ends' })));
    return readAll(connection, 1);
  });
  expect(response).toMatchObject({ body: 'a response' });
});
