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

/** Does the same on a connection to each, and expects the same to come of it. */
async function compare<Result>(
  act: (connection: WireConnection, side: Side) => Promise<Result>,
  toNotes = (notes: unknown[]) => [...notes],
): Promise<Result> {
  const sides = [pair.stock, pair.ours];
  const [stock, ours] = await Promise.all(
    sides.map(async (side) => {
      side.notes.length = 0;
      const connection = new WireConnection(side.port);
      const result = await act(connection, side);
      connection.close();
      return result;
    }),
  );
  await becomeQuiet();
  const [stockNotes, ourNotes] = sides.map(({ notes }) => toNotes(notes));
  expect({ result: ours, notes: ourNotes }).toEqual({ result: stock, notes: stockNotes });
  return ours!;
}

/** Waits until neither side notes anything more and both have noted as much; what stays unlike is left to the comparison. */
async function becomeQuiet(): Promise<void> {
  for (let tries = 0; tries < 100; tries += 1) {
    const before = countNotes();
    await wait(20);
    const [stock, ours] = countNotes();
    if (stock === ours && stock === before[0] && ours === before[1]) return;
  }
}

function countNotes(): [stock: number, ours: number] {
  return [pair.stock.notes.length, pair.ours.notes.length];
}

function toSorted(notes: unknown[]): unknown[] {
  return notes.map((note) => JSON.stringify(note)).sort();
}

async function readAll(connection: WireConnection, count: number): Promise<unknown[]> {
  const answers: (WireResponse | null)[] = [];
  while (answers.length < count) answers.push(await connection.read());
  return answers.map(toComparable);
}

describe('requests on one connection', () => {
  test('are answered in their order when they come at once', async () => {
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
    const answers = await compare((connection) => {
      connection.write(Buffer.concat(requests.map(encodeRequest)));
      return readAll(connection, requests.length);
      // They run side by side, so that the order of their notes is chance.
    }, toSorted);
    expect(answers).not.toContain(null);
  });

  test('are answered one after the other, whatever became of the body before', async () => {
    const answers = await compare(async (connection) => {
      const answers: unknown[] = [];
      for (const request of [post('save', 'x'.repeat(200_000)), post('missing', '1'), post('save', '1'), get('list')]) {
        connection.write(encodeRequest(request));
        answers.push(...(await readAll(connection, 1)));
      }
      return answers;
    });
    expect(answers).not.toContain(null);
  });

  test('may come byte by byte', async () => {
    const [answer] = await compare(async (connection) => {
      for (const byte of encodeRequest(post('save', '{"a":"ü🙂"}'))) {
        connection.write(Buffer.of(byte));
        await wait(0);
      }
      return readAll(connection, 1);
    });
    expect(answer).toMatchObject({ statusLine: 'HTTP/1.1 200 OK' });
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
  ])('%j', async (text) => {
    const answers = await compare((connection) => {
      connection.write(Buffer.from(text, 'latin1'));
      return readAll(connection, 1);
    });
    expect(answers).not.toContain(null);
  });
});

async function leave(connection: WireConnection, side: Side, until: string): Promise<void> {
  for (let tries = 0; tries < 5000 && !JSON.stringify(side.notes).includes(until); tries += 1) await wait(2);
  connection.close();
  await wait(30);
}

describe('a client that goes away', () => {
  const hanging = [
    get('hang'),
    getBatch('hang,echo,hang', { 1: 1 }),
    post('hangSave', '{"a":1}'),
    post('hangSave,touch?batch=1', '{}'),
  ];

  test.each(hanging)('$target: the signal aborts and nothing is written', async (request) => {
    await compare(async (connection, side) => {
      connection.write(encodeRequest(request));
      await leave(connection, side, 'hangs');
    });
    expect(pair.ours.notes).toContainEqual(['aborted', 'AbortError: This operation was aborted']);
    expect(pair.ours.notes.filter((note) => Array.isArray(note) && note[0] === 'closed')).toEqual([
      ['closed', false, 200],
    ]);
  });

  test('before the context is there', async () => {
    await compare(async (connection, side) => {
      connection.write(encodeRequest(get('me', undefined, { 'x-context': 'hangs' })));
      await leave(connection, side, 'createContext');
    });
    expect(JSON.stringify(pair.ours.notes)).toContain('context aborted');
  });

  test.each(['save', 'touch', 'hangSave', 'twice'])('in the middle of the body of %s', async (path) => {
    await compare(async (connection, side) => {
      const head = { ...json, 'content-length': '100' };
      connection.write(encodeRequest({ method: 'POST', target: `/trpc/${path}`, headers: head, body: '{"a":' }));
      await leave(connection, side, path === 'touch' ? 'closed' : 'createContext');
    });
    expect(pair.ours.notes).toContainEqual(['closed', path === 'touch', 200]);
  });

  test('while a query is at work that does not listen', async () => {
    await compare(async (connection, side) => {
      connection.write(encodeRequest(get('slow', 200)));
      await leave(connection, side, 'createContext');
      await wait(200);
    });
    expect(pair.ours.notes).toContainEqual(['closed', false, 200]);
  });

  test('only half counts as gone, since Node then closes the connection', async () => {
    const [answer] = await compare((connection) => {
      connection.socket.end(encodeRequest(get('slow', 500)));
      return readAll(connection, 1);
    });
    expect(answer).toBeNull();
  });

  test('does not abort once the answer is complete', async () => {
    await compare(async (connection) => {
      connection.write(encodeRequest(get('echo', 1)));
      return readAll(connection, 1);
    });
    expect(JSON.stringify(pair.ours.notes)).not.toContain('aborted,');
  });
});

test('a context that has begun to answer by itself is not answered over', async () => {
  await compare((connection) => {
    connection.write(encodeRequest(get('echo', 1, { 'x-context': 'writes' })));
    return readAll(connection, 1);
  });
  expect(JSON.stringify(pair.ours.notes)).toContain('Cannot set headers after they are sent');
});

test('a context that has answered by itself is answered over as tRPC does', async () => {
  const [answer] = await compare((connection) => {
    connection.write(encodeRequest(get('echo', 1, { 'x-context': 'ends' })));
    return readAll(connection, 1);
  });
  expect(answer).toMatchObject({ body: 'an answer' });
});
