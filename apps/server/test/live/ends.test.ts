import { expect, test } from 'vitest';
import { openDatabaseUrl, openServer, post, signUp } from '../fixture.ts';
import { openServerWithIssuer } from '../issuer.ts';
import { watch } from './watcher.ts';

const bearer = (jwt: string) => ({ authorization: `Bearer ${jwt}` });
const readMetrics = async (base: string) => (await fetch(`${base}/metrics`)).text();

test('a stream ends with its token, so that the client connects again with a new one', async () => {
  const { url, issue } = await openServerWithIssuer();
  const stream = await watch(url, { jwt: await issue(4) });
  const next = await watch(url, { jwt: await issue(600) });
  await expect.poll(() => stream.pages.length).toBe(1);
  expect(await stream.ended).toBe('complete');
  // This event would tell clients not to connect again.
  expect(stream.text()).not.toContain('event: return');
  expect(stream.text()).not.toContain('serialized-error');
  expect(await readMetrics(url)).toContain('holdfast_streams_ended_total{reason="duration"} 1');
  await post(`${url}/trpc/task.create`, { title: 'after the end' }, bearer(await issue(600)));
  await expect.poll(next.titles).toEqual(['after the end']);
});

test('streams of an ended session end on all servers, also those that were opened with the session itself, and others have a heartbeat', async () => {
  const env = { DATABASE_URL: await openDatabaseUrl(), PUBLIC_URL: 'http://tasks.localhost' };
  const [one, two] = [await openServer(env), await openServer(env)];
  const [ada, ben] = [await signUp(one.url, 'ada@example.org'), await signUp(one.url, 'ben@example.org')];
  const ended = await Promise.all(
    [one, two].flatMap(({ url }) => [ada.jwt, ada.session].map((jwt) => watch(url, { jwt }))),
  );
  const others = await Promise.all([one, two].map(({ url }) => watch(url, { jwt: ben.jwt })));
  for (const { pages } of [...ended, ...others]) await expect.poll(() => pages.length).toBe(1);
  expect((await post(`${one.url}/api/auth/sign-out`, {}, bearer(ada.session))).status).toBe(200);
  expect(await Promise.all(ended.map((stream) => stream.ended))).toEqual(ended.map(() => 'complete'));
  for (const { text } of ended) expect(text()).not.toContain('event: return');
  for (const { url } of [one, two]) {
    expect(await readMetrics(url)).toContain('holdfast_streams_ended_total{reason="access"} 2');
    await expect.poll(async () => (await watch(url, { jwt: ada.jwt })).response.status, { timeout: 60_000 }).toBe(401);
  }
  // The heartbeat, every 15 seconds.
  for (const { text } of others) await expect.poll(text, { timeout: 60_000 }).toContain('event: ping\n');
});
