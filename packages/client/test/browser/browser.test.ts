import type { AppRouter, HoldfastError } from '@holdfast/client';
import { expect, test } from 'vitest';
import { expectSavedOnLeave, openBrowser, openProfile, openSite, reportChanges } from './fixture.ts';

const site = await openSite();
const browser = await openBrowser();
let people = 0;

/** Opens a page of a signed-in user. */
async function openSignedIn({ url = site.origin } = {}) {
  const context = await openProfile(browser);
  const page = await context.newPage();
  await page.goto(url);
  const email = `ada${(people += 1)}@example.org`;
  await page.evaluate((email) => holdfast.signUp({ name: 'Ada', email, password: 'correct horse' }), email);
  return { context, page, email };
}

test('a task that is saved on visibilitychange with keepalive is stored when the user leaves by a link', async () => {
  const { page } = await openSignedIn();
  const id = await page.evaluate(async () => (await holdfast.task.create({ title: 'new' })).id);
  for (let round = 1; round <= 5; round += 1) {
    const title = `saved ${round}`;
    await page.evaluate(
      ([id, title]) => {
        addEventListener('visibilitychange', () => {
          if (document.visibilityState === 'hidden') void holdfast.task.update({ id, title }, { keepalive: true });
        });
      },
      [id, title] as const,
    );
    await Promise.all([page.waitForURL('**/other'), page.click('a')]);
    await page.goto(site.origin);
    await expect.poll(() => page.evaluate(async (id) => (await holdfast.task.get({ id })).title, id)).toBe(title);
  }
});

test('a task is stored with keepalive on pagehide, even before the page has a token', async () => {
  const { page } = await openSignedIn();
  await expectSavedOnLeave(page, { url: site.origin, rounds: 5 });
});

test('a sign-in in one of two tabs at the sign-in form signs both in, and a sign-out signs both out', async () => {
  const { context, page: first, email } = await openSignedIn();
  const second = await context.newPage();
  await second.goto(site.origin);
  for (const page of [first, second]) await reportChanges(page);
  await second.evaluate(() => holdfast.signOut());
  for (const page of [first, second]) await page.waitForFunction(() => document.title === 'signed out');
  expect(await first.evaluate(() => holdfast.session.isSignedIn())).toBe(false);
  const code = await first.evaluate(() => holdfast.user.me().catch((error: { code: string }) => error.code));
  expect(code).toBe('UNAUTHORIZED');

  await first.evaluate((email) => holdfast.signIn({ email, password: 'correct horse' }), email);
  for (const page of [first, second]) await page.waitForFunction(() => document.title === 'signed in');
  expect(await second.evaluate(() => holdfast.user.me())).toMatchObject({ email });
});

test('a tab whose user was replaced in another tab calls as the new user', async () => {
  const { context, page: first } = await openSignedIn();
  await first.evaluate(() => holdfast.task.create({ title: 'the first user’s' }));
  const second = await context.newPage();
  await second.goto(site.origin);
  await first.evaluate(() => void holdfast.session.onChange(() => (document.title = 'changed')));
  await second.evaluate(() => holdfast.signUp({ name: 'Bob', email: 'bob@example.org', password: 'correct horse' }));
  await first.waitForFunction(() => document.title === 'changed');
  expect(await first.evaluate(() => holdfast.user.me())).toMatchObject({ email: 'bob@example.org' });
  expect(await first.evaluate(() => holdfast.task.list())).toEqual({ items: [], nextCursor: null });
});

test('a call of an offline device is not sent, waits for the network, and then succeeds', async () => {
  const { context, page } = await openSignedIn();
  const id = await page.evaluate(async () => (await holdfast.task.create({ title: 'old' })).id);
  site.seen.length = 0;
  await context.setOffline(true);
  const waiting = page.evaluate((id) => holdfast.task.update({ id, title: 'new' }), id);
  const failed = page.evaluate(async () => {
    const storage = { load: () => localStorage.getItem('session'), save() {} };
    const hurried = app.createClient({ url: location.origin, deadlineMs: 500, storage });
    const account = { email: 'ada@example.org', password: 'correct horse' };
    const results = await Promise.allSettled([hurried.task.delete({ id: app.newTaskId() }), hurried.signIn(account)]);
    return results.map((result) => {
      const { code, isRetryable } = (result as PromiseRejectedResult).reason as HoldfastError;
      return [code, isRetryable];
    });
  });
  expect(await failed).toEqual([
    ['OFFLINE', true],
    ['OFFLINE', true],
  ]);
  expect(site.seen).toEqual([]);
  await context.setOffline(false);
  expect(await waiting).toMatchObject({ title: 'new', version: 2 });
});

test('an infinite list of TanStack Query reads two pages and is empty after the user signed out', async () => {
  const { page } = await openSignedIn();
  const pages = await page.evaluate(async () => {
    for (const title of ['one', 'two', 'three']) await holdfast.task.create({ title });
    const queryClient = new app.QueryClient({ defaultOptions: { queries: { retry: false } } });
    const trpc = app.createTRPCOptionsProxy<AppRouter>({
      client: holdfast.trpc,
      queryClient,
    });
    const options = trpc.task.list.infiniteQueryOptions(
      { limit: 2, order: 'oldest' },
      { getNextPageParam: ({ nextCursor }) => nextCursor },
    );
    const observer = new app.InfiniteQueryObserver(queryClient, options);
    observer.subscribe(() => {});
    await observer.refetch();
    const { data } = await observer.fetchNextPage();
    const titles = data!.pages.map(({ items }) => items.map(({ title }) => title));
    holdfast.session.onChange(() => queryClient.clear());
    await holdfast.signOut();
    const { error } = await observer.refetch();
    const left = queryClient.getQueryCache().findAll({ predicate: ({ state }) => state.data !== undefined });
    return { titles, code: (error as unknown as { code: string }).code, left: left.length };
  });
  expect(pages).toEqual({ titles: [['one', 'two'], ['three']], code: 'UNAUTHORIZED', left: 0 });
});

test('a page of another origin causes one preflight per URL', async () => {
  const { page } = await openSignedIn({ url: `${site.origin}/?server=${site.server}` });
  await page.evaluate(() => holdfast.user.me());
  site.seen.length = 0;
  await page.evaluate(async () => {
    for (const title of ['one', 'two', 'three']) await holdfast.task.create({ title });
    const first = await holdfast.task.list({ limit: 2 });
    await holdfast.task.list({ limit: 2, cursor: first.nextCursor });
    await holdfast.task.list({ completed: true });
  });
  expect(site.seen).toEqual([
    'OPTIONS /trpc/task.create',
    ...Array.from({ length: 3 }, () => 'POST /trpc/task.create'),
    'OPTIONS /trpc/task.list',
    ...Array.from({ length: 3 }, () => 'POST /trpc/task.list'),
  ]);
});
