import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { openServer, post, signUp } from '../fixture.ts';
import { createJudge, toParameters } from './judge.ts';
import { rarely, text, value } from './values.ts';

const server = await openServer({ RATE_LIMIT_PER_MINUTE: '0' });
const { url } = server;
const { jwt } = await signUp(url, 'ada@example.org');
const { judge, assertReady } = createJudge(server);

const headers = { authorization: `Bearer ${jwt}`, accept: 'application/json, text/event-stream' };

async function listTools(): Promise<{ name: string; inputSchema: { properties: object } }[]> {
  const response = await post(`${url}/mcp`, { jsonrpc: '2.0', id: 1, method: 'tools/list' }, headers);
  const [, data] = /^data: (.*)$/m.exec(await response.text())!;
  return (JSON.parse(data!) as { result: { tools: Awaited<ReturnType<typeof listTools>> } }).result.tools;
}

const tools = await listTools();
const taskId = '018f0000-0000-7000-8000-000000000001';
await post(`${url}/trpc/task.create`, { id: taskId, title: 'one' }, headers);

const id = rarely(fc.oneof(fc.constant(taskId), fc.uuid()), value);
const due = rarely(fc.constantFrom({ date: '2027-02-28' }, { date: '2027-02-30' }, null), value);
const item = fc.record(
  { title: rarely(text, value), due, listId: fc.option(id), labels: fc.array(text) },
  { requiredKeys: ['title'] },
);
const fields: Record<string, fc.Arbitrary<unknown>> = {
  id,
  due,
  operationId: id,
  ids: rarely(fc.array(id, { minLength: 1, maxLength: 3 }), value),
  items: rarely(fc.array(item, { minLength: 1, maxLength: 3 }), value),
  listId: rarely(fc.option(id), value),
  search: rarely(text, value),
  limit: rarely(fc.integer({ min: 1, max: 50 }), value),
};

const call = fc.constantFrom(...tools).chain(({ name, inputSchema }) => {
  const known = Object.keys(inputSchema.properties);
  const given = fc.record(Object.fromEntries(known.map((field) => [field, fields[field] ?? value])), {
    requiredKeys: [],
  });
  return fc.record({ name: rarely(fc.constant(name), value), arguments: rarely(given, value) });
});

const meta = fc.record(
  {
    'io.modelcontextprotocol/protocolVersion': rarely(fc.constantFrom('2026-07-28', '2025-11-25'), value),
    'io.modelcontextprotocol/clientInfo': rarely(fc.constant({ name: 'x', version: '1' }), value),
    'io.modelcontextprotocol/clientCapabilities': rarely(fc.constant({}), value),
    progressToken: value,
  },
  { requiredKeys: [] },
);

const methods = [
  'tools/call',
  'tools/list',
  'initialize',
  'ping',
  'server/discover',
  'subscriptions/listen',
  'resources/list',
];

/** Of successful messages, notifications and messages that the protocol refuses. */
const statuses = [200, 202, 400, 404];

const message = fc
  .record({
    jsonrpc: rarely(fc.constant('2.0'), value),
    id: rarely(fc.oneof(fc.integer(), text), value),
    method: rarely(fc.constant('tools/call'), fc.oneof(fc.constantFrom(...methods), value)),
    params: rarely(call, value),
    meta: rarely(fc.constant(null), meta),
  })
  .map(({ params, meta, ...rest }) => {
    const isObject = typeof params === 'object' && params !== null && !Array.isArray(params);
    return Object.assign(rest, { params: isObject && meta !== null ? Object.assign({ _meta: meta }, params) : params });
  });

const more = fc.record(
  {
    'mcp-protocol-version': fc.constantFrom('2026-07-28', '2025-06-18', 'x'),
    'mcp-method': fc.constantFrom(...methods),
  },
  { requiredKeys: [] },
);

test('no message to /mcp ends in an internal error, a leaked detail or an open response', async () => {
  await fc.assert(
    fc.asyncProperty(message, rarely(fc.constant({}), more), async (body, odd) => {
      const response = await post(`${url}/mcp`, body, { ...headers, ...odd });
      const { status, headers: found } = response;
      judge([{ status, headers: found, body: await response.text() }]);
      expect(statuses).toContain(status);
    }),
    toParameters(300),
  );
  await assertReady();
});
