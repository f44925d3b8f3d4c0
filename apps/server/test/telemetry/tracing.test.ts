import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { json } from 'node:stream/consumers';
import { afterAll, expect, test } from 'vitest';
import { openDatabaseUrl, signUp } from '../fixture.ts';
import { end, makeDataDir, startServer } from '../running-server.ts';

interface Span {
  traceId: string;
  spanId: string;
  parentSpanId?: string;
  name: string;
  kind: number;
  startTimeUnixNano: string;
  endTimeUnixNano: string;
  attributes: { key: string; value: unknown }[];
  status: { code?: number };
}

interface Delivery {
  resourceSpans: { resource: { attributes: unknown[] }; scopeSpans: { spans: Span[] }[] }[];
}

const deliveries: Delivery[] = [];
const receiver = createServer((req, res) => void receive(req, res)).listen(0, '127.0.0.1');

async function receive(req: IncomingMessage, res: ServerResponse): Promise<void> {
  deliveries.push((await json(req)) as Delivery);
  res.setHeader('content-type', 'application/json').end('{}');
}

await once(receiver, 'listening');
afterAll(() => receiver.close());
const endpoint = `http://127.0.0.1:${(receiver.address() as AddressInfo).port}`;

const env = { DATABASE_URL: await openDatabaseUrl(), HOLDFAST_DATA_DIR: await makeDataDir() };

const spans = () =>
  deliveries.flatMap(({ resourceSpans }) =>
    resourceSpans.flatMap((one) => one.scopeSpans.flatMap((scope) => scope.spans)),
  );

test('a request is a span of its caller’s trace, its calls are child spans, and their statements grandchildren', async () => {
  const server = await startServer({ ...env, OTEL_EXPORTER_OTLP_ENDPOINT: endpoint, OTEL_SERVICE_NAME: 'tasks' });
  const { jwt, id } = await signUp(server.base, 'ada@example.org');
  const traceId = '4bf92f3577b34da6a3ce929d0e0e4736';
  const headers = {
    authorization: `Bearer ${jwt}`,
    traceparent: `00-${traceId}-00f067aa0ba902b7-01`,
    'x-request-id': 'traced-1',
  };
  // With its first token, a server loads the keys.
  await fetch(`${server.base}/trpc/user.me`, { headers: { authorization: headers.authorization } });
  const input = encodeURIComponent(JSON.stringify({ 1: { id: '0190a000-0000-7000-8000-00000000000a' } }));
  await (await fetch(`${server.base}/trpc/task.list,task.get?batch=1&input=${input}`, { headers })).text();
  await (await fetch(`${server.base}/livez`)).text();
  expect(await end(server.process, 'SIGTERM')).toBe(0);
  expect(server.output()).toMatch(new RegExp(`"requestId":"traced-1","traceId":"${traceId}"`));

  const traced = spans().filter((span) => span.traceId === traceId);
  const find = (name: string) => traced.find((span) => span.name === name)!;
  const [request, list, get] = [find('GET trpc'), find('task.list'), find('task.get')];
  const names = ['GET trpc', 'task.get', 'task.list', 'task_get', 'task_list_newest'];
  expect(traced.map(({ name }) => name).sort()).toEqual(names);
  expect(request).toMatchObject({ parentSpanId: '00f067aa0ba902b7', kind: 2 });
  expect(request.attributes).toContainEqual({ key: 'user.id', value: { stringValue: id } });
  expect([list.parentSpanId, get.parentSpanId]).toEqual([request.spanId, request.spanId]);
  expect([find('task_list_newest').parentSpanId, find('task_get').parentSpanId]).toEqual([list.spanId, get.spanId]);
  expect(find('task_get').attributes).toContainEqual({ key: 'db.system.name', value: { stringValue: 'postgresql' } });
  expect(get).toMatchObject({ status: { code: 2 } });
  for (const span of traced) {
    const [from, to] = [BigInt(span.startTimeUnixNano), BigInt(span.endTimeUnixNano)];
    expect(to).toBeGreaterThanOrEqual(from);
    // Spans that are created afterwards use another clock, which differs by a few milliseconds.
    expect(from).toBeGreaterThan(BigInt(request.startTimeUnixNano) - 5_000_000n);
  }
  expect(JSON.stringify(deliveries[0]!.resourceSpans[0]!.resource)).toContain('"tasks"');
  expect(spans().map(({ name }) => name)).not.toContain('GET livez');
  expect(JSON.stringify(deliveries)).not.toMatch(/ada@example|0190a000|correct horse/);
});

test('with OTEL_TRACES_EXPORTER=none, no traces are sent', async () => {
  const before = deliveries.length;
  const server = await startServer({ ...env, OTEL_EXPORTER_OTLP_ENDPOINT: endpoint, OTEL_TRACES_EXPORTER: 'none' });
  await signUp(server.base, 'bob@example.org');
  await end(server.process, 'SIGTERM');
  expect(server.output()).not.toContain('traceId');
  expect(deliveries).toHaveLength(before);
});

test('an unreachable receiver of traces is logged, and delays neither responses nor the shutdown', async () => {
  const server = await startServer({
    ...env,
    OTEL_EXPORTER_OTLP_ENDPOINT: 'http://127.0.0.1:1',
    OTEL_BSP_EXPORT_TIMEOUT: '500',
  });
  const { jwt } = await signUp(server.base, 'eve@example.org');
  expect(jwt).toBeTruthy();
  expect(await end(server.process, 'SIGTERM')).toBe(0);
  expect(server.output()).toMatch(/traces not delivered|"resource":"tracing"/);
});
