import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { initTRPC, tracked, TRPCError } from '@trpc/server';
import { createExpressMiddleware as createStock } from '@trpc/server/adapters/express';
import express, { type Request } from 'express';
import { afterAll, describe, expect, test } from 'vitest';
import { z } from 'zod';
import { createExpressMiddleware as createOurs } from '../src/index.ts';

/** Errors that the adapters have reported, and generators that have ended. */
const events: string[] = [];

const t = initTRPC.context<{ user: string | null }>().create({
  isDev: false,
  sse: { ping: { enabled: true, intervalMs: 30 }, client: { reconnectAfterInactivityMs: 1000 } },
});
const input = z.object({ lastEventId: z.string().optional(), from: z.string().optional() }).optional();
const router = t.router({
  values: t.procedure.input(input).subscription(async function* ({ input, ctx }) {
    yield `untracked ${JSON.stringify(input ?? null)} ${ctx.user}`;
    yield tracked('1', { text: 'a\nb\r\nü🙂' });
    yield 'untracked after a tracked one';
    yield tracked('2', null);
  }),
  empty: t.procedure.subscription(async function* () {}),
  refused: t.procedure.subscription((): AsyncGenerator<string> => {
    throw new TRPCError({ code: 'TOO_MANY_REQUESTS', message: 'too many' });
  }),
  strict: t.procedure.input(z.object({ from: z.string() })).subscription(async function* ({ input }) {
    yield input.from;
  }),
  fails: t.procedure.subscription(async function* () {
    yield tracked('1', 'before');
    throw new TRPCError({ code: 'CONFLICT', message: 'half way' });
  }),
  aborts: t.procedure.subscription(async function* () {
    yield tracked('1', 'before');
    throw new DOMException('over', 'AbortError');
  }),
  circular: t.procedure.subscription(async function* () {
    const circle: { self?: object } = {};
    circle.self = circle;
    yield circle;
  }),
  silent: t.procedure.subscription(async function* ({ signal }) {
    try {
      yield 'first';
      await new Promise((resolve) => signal!.addEventListener('abort', resolve));
    } finally {
      events.push('silent ended');
    }
  }),
});

async function open(create: typeof createOurs): Promise<string> {
  const app = express();
  app.use(
    create({
      router,
      allowMethodOverride: true,
      maxBodySize: 1000,
      createContext: ({ req }: { req: Request }) => {
        if (req.get('x-user') === 'nobody') throw new TRPCError({ code: 'UNAUTHORIZED' });
        return { user: req.get('x-user') ?? null };
      },
      onError: ({ error, path, type }) => void events.push(`${path} ${type} ${error.code} ${error.message}`),
      responseMeta: ({ errors }) => ({ headers: { 'x-meta': String(errors.length) } }),
    }),
  );
  const server = createServer(app).listen(0, '127.0.0.1');
  await new Promise((resolve) => server.once('listening', resolve));
  afterAll(() => {
    server.close();
    server.closeAllConnections();
  });
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

const [ours, stock] = [await open(createOurs), await open(createStock as typeof createOurs)];

async function read(base: string, path: string, init: RequestInit = {}) {
  events.length = 0;
  const response = await fetch(`${base}/${path}`, init);
  const text = await response.text();
  const { headers } = response;
  return {
    status: response.status,
    headers: ['content-type', 'cache-control', 'x-accel-buffering', 'x-meta', 'vary'].map((name) => headers.get(name)),
    text,
    // tRPC's own adapter reports the refusal of a stream twice.
    errors: [...new Set(events)],
  };
}

const post = (body: string): RequestInit => ({ method: 'POST', headers: { 'content-type': 'application/json' }, body });
const toInput = (value: unknown) => `input=${encodeURIComponent(JSON.stringify(value))}`;

describe('a stream has the events of tRPC', () => {
  const requests: [string, string, RequestInit?][] = [
    ['with all kinds of values', 'values'],
    ['with an input in the URL', `values?${toInput({ from: 'a' })}`],
    ['with an input in the body', 'values', post('{"from":"a"}')],
    ['after the event of a header', `values?${toInput({ from: 'a' })}`, { headers: { 'last-event-id': '7' } }],
    ['after the event of a parameter', 'values?lastEventId=8'],
    [
      'after an event, with an input that is no object',
      `values?${toInput('x')}`,
      { headers: { 'last-event-id': '7' } },
    ],
    ['without values', 'empty'],
    ['of a refused call', 'refused'],
    ['of a refused context', 'values', { headers: { 'x-user': 'nobody' } }],
    ['with a wrong input', 'strict'],
    ['with an input that is not JSON', 'strict', post('{')],
    ['with a body that is too large', 'strict', post(JSON.stringify({ from: 'x'.repeat(2000) }))],
    ['that fails half way', 'fails'],
    ['that is aborted half way', 'aborts'],
    ['with a value that cannot be JSON', 'circular'],
  ];
  test.each(requests)('%s', async (_name, path, init) => {
    expect(await read(ours, path, init)).toEqual(await read(stock, path, init));
  });
});

test('a client that accepts JSON gets the refusal of a stream with its status', async () => {
  const { status, headers, text, errors } = await read(ours, 'refused', {
    headers: { accept: 'text/event-stream, application/json' },
  });
  expect([status, headers[0], headers[3]]).toEqual([429, 'application/json', '1']);
  expect(JSON.parse(text)).toMatchObject({ error: { message: 'too many', data: { code: 'TOO_MANY_REQUESTS' } } });
  expect(errors).toEqual(['refused subscription TOO_MANY_REQUESTS too many']);
});

test('a silent stream has pings, and its procedure ends when the client disconnects', async () => {
  events.length = 0;
  const closing = new AbortController();
  const response = await fetch(`${ours}/silent`, { signal: closing.signal });
  expect(response.headers.get('connection')).toBe('close');
  const reader = response.body!.getReader();
  let text = '';
  while (text.split('event: ping\ndata: \n\n\n').length < 4)
    text += new TextDecoder().decode((await reader.read()).value);
  expect(text).toMatch(
    /^event: connected\ndata: \{"reconnectAfterInactivityMs":1000\}\n\n\ndata: "first"\n\n\nevent: ping/,
  );
  closing.abort();
  await expect.poll(() => events).toEqual(['silent ended']);
});
