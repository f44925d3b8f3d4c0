import { type Changes, createClient, type HoldfastWithSignIn, isHoldfastError } from '@holdfast/client';
import { expect, onTestFinished, test, vi } from 'vitest';
import { createWatch } from '../../src/changes/lazy-watch.ts';
import { createNetwork } from '../../src/network.ts';
import { createCallbackTokens } from '../../src/session/token-source.ts';
import { createStorage, errorOf, openProxy, password, startServer } from '../fixture.ts';
import { openStreamProxy } from './stream-proxy.ts';

const server = await startServer();
const proxy = await openStreamProxy(server);

let people = 0;
async function signUp(url = server): Promise<HoldfastWithSignIn> {
  const holdfast = createClient({ url });
  await holdfast.signUp({ name: 'Ada', email: `watcher${(people += 1)}@example.org`, password });
  return holdfast;
}

/** A client of the server, and a client of the same user with another URL. */
async function signUpTwice(url: string): Promise<[HoldfastWithSignIn, HoldfastWithSignIn]> {
  const writer = await signUp();
  const { email } = await writer.user.me();
  const holdfast = createClient({ url });
  await holdfast.signIn({ email: email!, password });
  return [writer, holdfast];
}

/** Collects the pages of a stream until the test ends. */
function collect(watch: (signal: AbortSignal) => AsyncGenerator<Changes, void, void>) {
  const closing = new AbortController();
  const pages: Changes[] = [];
  const ended = (async () => {
    for await (const page of watch(closing.signal)) pages.push(page);
  })();
  ended.catch(() => {});
  onTestFinished(() => closing.abort());
  return {
    pages,
    ended,
    close: () => closing.abort(),
    titles: () => pages.flatMap(({ tasks }) => tasks.map(({ title }) => title)),
  };
}

test('a stream has a copy first, then each change, and its cursors work for the next stream', async () => {
  const holdfast = await signUp();
  await holdfast.task.create({ title: 'before' });
  const stream = collect((signal) => holdfast.changes.watch({}, { signal }));
  await expect.poll(stream.titles).toEqual(['before']);
  const task = await holdfast.task.create({ title: 'live' });
  await expect.poll(stream.titles).toEqual(['before', 'live']);
  await holdfast.task.delete({ id: task.id });
  await expect.poll(() => stream.pages.at(-1)?.tasks[0]?.deletedAt).toEqual(expect.any(String));
  stream.close();
  await stream.ended;
  const { cursor } = stream.pages.at(-1)!;
  await holdfast.task.create({ title: 'later' });
  const next = collect((signal) => holdfast.changes.watch({ since: cursor! }, { signal }));
  await expect.poll(next.titles).toEqual(['later']);
});

test('no change is lost over 100 lost connections', async () => {
  const [writer, holdfast] = await signUpTwice(proxy.url);
  const stream = collect((signal) => holdfast.changes.watch({}, { signal }));
  await expect.poll(() => stream.pages.length).toBe(1);
  const random = vi.spyOn(Math, 'random').mockReturnValue(0.001);
  onTestFinished(() => random.mockRestore());
  const titles: string[] = [];
  for (let cuts = 1; cuts <= 100; cuts += 1) {
    proxy.cut();
    titles.push(`task ${cuts}`);
    await writer.task.create({ title: `task ${cuts}` });
    await expect.poll(stream.titles, { timeout: 20_000, interval: 5 }).toEqual(titles);
  }
});

test('a stream gets a fresh token if the server refuses the old one, once', async () => {
  const storage = createStorage();
  const holdfast = createClient({ url: server, storage });
  await holdfast.signUp({ name: 'Ada', email: 'refused@example.org', password });
  await holdfast.user.me();
  const httpProxy = await openProxy(server);
  let refusals = 1;
  httpProxy.decide = (path) =>
    path.endsWith('changes.watch') && (refusals -= 1) >= 0
      ? {
          status: 401,
          body: { error: { code: -32001, message: 'no', data: { code: 'UNAUTHORIZED', httpStatus: 401 } } },
        }
      : 'pass';
  const watcher = createClient({ url: httpProxy.url, storage });
  const stream = collect((signal) => watcher.changes.watch({}, { signal }));
  await expect.poll(() => stream.pages.length).toBe(1);
  expect(httpProxy.seen.filter((request) => request.includes('/token'))).toHaveLength(2);
  stream.close();

  refusals = Infinity;
  const refused = collect((signal) => watcher.changes.watch({}, { signal }));
  expect(await errorOf(refused.ended)).toMatchObject({ code: 'UNAUTHORIZED' });
});

test('a stream fails with BAD_REQUEST for the cursor of another user', async () => {
  const [ada, ben] = [await signUp(), await signUp()];
  await ada.task.create({ title: 'of Ada' });
  const { cursor } = await ada.changes.list();
  const error = await errorOf(collect((signal) => ben.changes.watch({ since: cursor! }, { signal })).ended);
  expect(isHoldfastError(error, 'BAD_REQUEST')).toBe(true);
});

test('a stream of a signed-out user ends with UNAUTHORIZED', async () => {
  const holdfast = await signUp();
  const stream = collect((signal) => holdfast.changes.watch({}, { signal }));
  await expect.poll(() => stream.pages.length).toBe(1);
  const writer = createClient({ url: server });
  await writer.signIn({ email: (await holdfast.user.me()).email!, password });
  await holdfast.signOut();
  await writer.task.create({ title: 'must not arrive' });
  expect(await errorOf(stream.ended)).toMatchObject({ code: 'UNAUTHORIZED' });
  expect(stream.titles()).toEqual([]);
});

test('a URL without a server of Holdfast ends a stream at once', async () => {
  const page = await openProxy(server);
  page.decide = (path) =>
    path.endsWith('changes.watch') ? { status: 200, headers: { 'content-type': 'text/html' }, body: '' } : 'pass';
  const holdfast = await signUp(page.url);
  const stream = collect((signal) => holdfast.changes.watch({}, { signal }));
  expect(await errorOf(stream.ended)).toMatchObject({ code: 'UNEXPECTED_RESPONSE' });
});

test('return() ends a stream that waits for a change, and closes its connection', async () => {
  const holdfast = await signUp(proxy.url);
  const pages = holdfast.changes.watch();
  expect((await pages.next()).done).toBe(false);
  const pending = pages.next();
  await pages.return();
  expect(await pending).toEqual({ done: true, value: undefined });
});

test('a stream connects again when a server that was down is back', async () => {
  const own = await openStreamProxy(server);
  const [writer, holdfast] = await signUpTwice(own.url);
  const stream = collect((signal) => holdfast.changes.watch({}, { signal }));
  await expect.poll(() => stream.pages.length).toBe(1);
  own.isDown = true;
  own.cut();
  await writer.task.create({ title: 'while it is down' });
  await expect.poll(() => own.refused(), { timeout: 60_000 }).toBeGreaterThan(1);
  own.isDown = false;
  await expect.poll(stream.titles, { timeout: 60_000 }).toEqual(['while it is down']);
});

test('a stream gives up a connection without a heartbeat, and connects again', async () => {
  const own = await openStreamProxy(server);
  const storage = createStorage();
  const holdfast = createClient({ url: own.url, storage });
  await holdfast.signUp({ name: 'Ada', email: 'silent@example.org', password });
  const watch = createWatch({
    url: `${own.url}/trpc`,
    fetch: undefined,
    // The server accepts the session as a token.
    tokens: createCallbackTokens(() => storage.stored),
    network: createNetwork(own.url),
    silenceMs: 500,
  });
  const stream = collect((signal) => watch({}, { signal }));
  await expect.poll(() => stream.pages.length).toBeGreaterThan(0);
  own.isSilent = true;
  const connections = own.streams();
  await expect.poll(() => own.streams(), { timeout: 60_000 }).toBeGreaterThan(connections + 1);
  own.isSilent = false;
  await createClient({ url: server, storage }).task.create({ title: 'after the silence' });
  await expect.poll(() => new Set(stream.titles()), { timeout: 60_000 }).toEqual(new Set(['after the silence']));
});

test('tRPC subscribers get the same pages', async () => {
  const holdfast = await signUp();
  const received: unknown[] = [];
  const subscription = holdfast.trpc.changes.watch.subscribe(
    {},
    { onData: ({ id, data }) => received.push([id, data.tasks.map(({ title }) => title)]) },
  );
  onTestFinished(() => subscription.unsubscribe());
  await expect.poll(() => received).toEqual([['', []]]);
  await holdfast.task.create({ title: 'for tRPC' });
  await expect.poll(() => received.length).toBe(2);
  expect(received[1]).toEqual([expect.stringMatching(/./), ['for tRPC']]);
});
