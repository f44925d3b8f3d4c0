import { openDatabase } from '@holdfast/db';
import * as fc from 'fast-check';
import { afterAll, expect, test } from 'vitest';
import { openServer, password, post, signUp } from '../fixture.ts';
import type { Known } from './inputs.ts';
import { createJudge, toParameters } from './judge.ts';
import { toCallHeaders, toCalls, toRequests } from './requests.ts';
import { sendBytes, toBytes, type WireRequest } from './wire.ts';

const email = 'ada@example.org';
const file = { etag: 'abc', identity: Buffer.from('whole'), br: Buffer.from('br'), gzip: Buffer.from('gzip') };
const files = new Map([
  ['/index.html', { ...file, extension: '.html', isImmutable: false }],
  ['/assets/app.js', { ...file, extension: '.js', isImmutable: true }],
]);
const settings = {
  TRUST_PROXY: '1',
  RATE_LIMIT_PER_MINUTE: '0',
  TRUSTED_ORIGINS: 'https://app.example.org',
};
const server = await openServer(settings, { files, problem: null });
const { url } = server;
const { judge, assertReady } = createJudge(server);
let tokens = await signUp(url, email);
let signIns = 0;

async function learn(): Promise<Known> {
  const headers = { authorization: `Bearer ${tokens.jwt}` };
  const taskIds: string[] = [];
  for (const title of ['one', 'two', 'three']) {
    const response = await post(`${url}/trpc/task.create`, { title }, headers);
    taskIds.push(((await response.json()) as { result: { data: { id: string } } }).result.data.id);
  }
  const list = await fetch(`${url}/trpc/task.list?input=%7B%22limit%22%3A1%7D`, { headers });
  const { result } = (await list.json()) as { result: { data: { nextCursor: string } } };
  // Changes follow this cursor, so that a stream with it has a page.
  const changes = await fetch(`${url}/trpc/changes.list?input=%7B%22limit%22%3A1%7D`, { headers });
  const { result: feed } = (await changes.json()) as { result: { data: { cursor: string } } };
  return { taskIds, cursors: [result.data.nextCursor, feed.data.cursor] };
}

/** Signs in again if a request has ended the session. */
async function renewTokens(): Promise<void> {
  const session = await fetch(`${url}/api/auth/get-session`, {
    headers: { authorization: `Bearer ${tokens.session}` },
  });
  if ((await session.json()) !== null) return;
  const address = { 'x-forwarded-for': `10.0.${signIns >> 8}.${signIns++ & 255}` };
  const response = await post(`${url}/api/auth/sign-in/email`, { email, password }, address);
  const { token } = (await response.json()) as { token: string };
  const cookie = response.headers.getSetCookie()[0]!.split(';')[0]!;
  tokens = { ...tokens, session: token, cookie, signed: response.headers.get('set-auth-token')! };
}

type TokenName = 'jwt' | 'session' | 'signed' | 'cookie';

const fill = (text: string) =>
  text.replaceAll(/\{(jwt|session|signed|cookie)\}/g, (_, name: TokenName) => tokens[name]);

function withTokens({ headers, ...request }: WireRequest): WireRequest {
  return { ...request, headers: headers.map(([name, text]) => [name, fill(text)] as const) };
}

const endsSessions = /sign-out|revoke|password|delete|update/;
const known = await learn();
const requests = toRequests(known);

async function judgeRequest(request: WireRequest): Promise<void> {
  const bytes = toBytes(withTokens(request));
  const responses = await sendBytes(url, bytes);
  try {
    expect(responses, 'the number of responses').toHaveLength(1);
    judge(responses);
  } catch (error) {
    const message = `${(error as Error).message}\nThe request was ${JSON.stringify(bytes.toString('latin1'))}`;
    throw new Error(message, { cause: error });
  }
  if (endsSessions.test(request.target)) await renewTokens();
}

test('no request ends in an internal error, a leaked detail or a lost connection', async () => {
  await fc.assert(fc.asyncProperty(requests, judgeRequest), toParameters(600));
  await assertReady();
});

const change = fc.record({
  at: fc.nat(),
  removed: fc.nat(6),
  added: fc.oneof(
    fc.string({ unit: fc.nat(255).map((code) => String.fromCharCode(code)), maxLength: 6 }),
    fc.constantFrom(
      '\r\n',
      '\n',
      '\0',
      '\r\n\r\n',
      ' HTTP/1.0',
      '5;x="\r\n',
      'Host: b\r\n',
      'Expect: 100-continue\r\n',
      'Transfer-Encoding: chunked\r\n',
      'Content-Length: 5\r\n',
      'Content-Length: -1\r\n',
      'Upgrade: x\r\n',
    ),
  ),
});

test('no bytes on a connection end in an internal error or a leaked detail', async () => {
  const bytes = fc
    .tuple(requests, fc.array(change, { minLength: 1, maxLength: 4 }), fc.nat(8))
    .map(([request, changes, cut]) => {
      let text = toBytes(withTokens(request)).toString('latin1');
      for (const { at, removed, added } of changes) {
        const place = at % (text.length + 1);
        text = text.slice(0, place) + added + text.slice(place + removed);
      }
      return cut === 0 ? text.slice(0, text.length / 2) : text;
    });
  await fc.assert(
    fc.asyncProperty(bytes, async (given) => {
      const responses = await sendBytes(url, Buffer.from(given, 'latin1'), 50);
      judge(responses);
      expect(responses.length).toBeLessThan(20);
    }),
    toParameters(300),
  );
  await assertReady();
});

test('no call ends in an internal error while its user is deleted', async () => {
  const db = await openDatabase({ url: server.databaseUrl });
  afterAll(() => db.close());
  const done = new AbortController();
  const deleteUser = async () => {
    while (!done.signal.aborted)
      await db.acrossAllUsers((em) => em.execute('delete from public.users'), { write: true });
  };
  const deletions = Promise.all([deleteUser(), deleteUser(), deleteUser()]);
  const me: WireRequest = { method: 'GET', target: '/trpc/user.me', headers: toCallHeaders(), body: null };
  await fc.assert(
    fc.asyncProperty(fc.array(toCalls(known), { minLength: 4, maxLength: 12 }), async (calls) => {
      await Promise.all([...calls, me, me, me, me, me, me].map(judgeRequest));
    }),
    toParameters(30),
  );
  done.abort();
  await deletions;
  await assertReady();
});
