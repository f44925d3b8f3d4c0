import { randomUUID } from 'node:crypto';
import { openDatabase } from '@holdfast/db';
import { afterAll, expect, test } from 'vitest';
import { errorCodes } from '../../../packages/db/src/connection/error-codes.ts';
import { openDatabaseUrl, openFaultProxyTo, openServer, post, signUp } from './fixture.ts';

const secret = 'Zanzibar';
const databaseUrl = await openDatabaseUrl();
const proxy = await openFaultProxyTo(databaseUrl);
const { url, log } = await openServer({
  DATABASE_URL: proxy.url,
  DATABASE_POOL_WAIT_MS: '300',
  DATABASE_STATEMENT_TIMEOUT_MS: '500',
});
const { jwt } = await signUp(url, 'ada@example.org');
const headers = { authorization: `Bearer ${jwt}` };
const direct = await openDatabase({ url: databaseUrl });
afterAll(() => direct.close());

// Creating a task whose title is a SQLSTATE fails with it. The database's message contains a user's text.
await direct.acrossAllUsers(
  async (em) => {
    await em.execute('reset role');
    await em.execute(`create function fail() returns trigger language plpgsql as $$
      begin raise exception 'row (%)', new.description using errcode = new.title, detail = new.description; end $$`);
    await em.execute(`create trigger fail before insert on tasks for each row
      when (new.title ~ '^[0-9A-Z]{5}$') execute function fail()`);
  },
  { write: true },
);

/** The response that docs/errors.md promises for each error of packages/db. */
const onTheWire = {
  DatabaseUnavailableError: { code: 'SERVICE_UNAVAILABLE', httpStatus: 503, retryAfterMs: 1000 },
  StatementTimeoutError: { code: 'GATEWAY_TIMEOUT', httpStatus: 504 },
  AccessRefusedError: { code: 'NOT_FOUND', httpStatus: 404 },
  InvalidValueError: { code: 'BAD_REQUEST', httpStatus: 400 },
  DatabaseFaultError: { code: 'INTERNAL_SERVER_ERROR', httpStatus: 500 },
};

/** One SQLSTATE for each pattern in the table. Codes of Node and the operating system are left out. */
const sqlStates = errorCodes
  .filter(({ severity }) => severity === undefined)
  .flatMap((failure) =>
    failure.codes.map((code) => ({ ...failure, code: code.replace('.....', 'XX000').replaceAll('.', '0') })),
  )
  .filter(({ code }) => /^[0-9A-Z]{5}$/.test(code) && code !== 'EPIPE');

/** Reads a metric, or returns 0 if it does not exist. */
async function readMetric(name: string): Promise<number> {
  const lines = (await (await fetch(`${url}/metrics`)).text()).split('\n');
  return Number(lines.find((line) => line.startsWith(`${name} `))?.slice(name.length) ?? 0);
}

const countCalls = (procedure: string, outcome: string) =>
  readMetric(`holdfast_calls_total{procedure="${procedure}",outcome="${outcome}"}`);

/** Waits until the server has noticed that all its connections have ended. */
const expectNoConnection = () => expect.poll(() => readMetric('holdfast_pool_connections{state="idle"}')).toBe(0);

/** Makes a call that fails, and returns its error, its log line and its error lines. */
async function fail(procedure: string, input: object) {
  const requestId = randomUUID();
  const response = await post(`${url}/trpc/${procedure}`, input, { ...headers, 'x-request-id': requestId });
  const body = await response.text();
  const findLines = (msg: string) => log.filter((entry) => entry['requestId'] === requestId && entry['msg'] === msg);
  await expect.poll(() => findLines('request')).toHaveLength(1);
  const lines = log.filter((entry) => entry['requestId'] === requestId);
  for (const text of [body, JSON.stringify(lines)]) expect(text).not.toMatch(/Zanzibar|row \(|plpgsql|raise/);
  const { error } = JSON.parse(body) as { error: { data: Record<string, unknown> } };
  expect(error.data).toMatchObject({ path: procedure, requestId });
  return {
    data: error.data,
    line: findLines('request')[0],
    errorLines: [...findLines('unexpected error'), ...findLines('access refused')],
  };
}

for (const { code, error, outcome } of sqlStates) {
  const expected = onTheWire[error];
  test(`SQLSTATE ${code} is ${expected.code} in the response, the log and the metrics`, async () => {
    const before = await countCalls('task.create', expected.code);
    const { data, line, errorLines } = await fail('task.create', { title: code, description: secret });
    expect(data).toMatchObject(expected);
    expect(data['isRetryable']).toBe(
      expected.code === 'SERVICE_UNAVAILABLE' && outcome !== 'unknown' ? true : undefined,
    );
    expect(data['validation'] === null).toBe(expected.code !== 'BAD_REQUEST');
    expect(line).toMatchObject({ status: expected.httpStatus, code: expected.code });
    expect(errorLines).toHaveLength(error === 'DatabaseFaultError' || error === 'AccessRefusedError' ? 1 : 0);
    expect(await countCalls('task.create', expected.code)).toBe(before + 1);
  });
}

const faults = {
  'a server that refuses connections': { begin: () => proxy.disable().then(expectNoConnection), isRetryable: true },
  'a lost response of the database': { begin: () => void proxy.loseResponse('task_update'), isRetryable: undefined },
};

for (const [fault, { begin, isRetryable }] of Object.entries(faults)) {
  test(`${fault} is SERVICE_UNAVAILABLE, with isRetryable ${isRetryable ? 'set' : 'not set'}`, async () => {
    const expected = onTheWire.DatabaseUnavailableError;
    const created = await post(`${url}/trpc/task.create`, { title: 'x' }, headers);
    const { result } = (await created.json()) as { result: { data: { id: string } } };
    const before = await countCalls('task.update', expected.code);
    await begin();
    const { data, line, errorLines } = await fail('task.update', { id: result.data.id, title: secret });
    await proxy.restore();
    expect(data).toMatchObject(expected);
    expect(data['isRetryable']).toBe(isRetryable);
    expect(line).toMatchObject({ status: 503, code: expected.code });
    expect(errorLines).toEqual([]);
    expect(await countCalls('task.update', expected.code)).toBe(before + 1);
  });
}
