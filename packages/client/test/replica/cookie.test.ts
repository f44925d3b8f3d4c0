import { openReplica } from '@holdfast/client/replica';
import { beforeEach, expect, onTestFinished, test } from 'vitest';
import { openProfile } from '../cookie-jar.ts';
import { endSessions, errorOf, openProxy, password, startServer } from '../fixture.ts';
import { createDisk, keysOf, settle, titles } from './device.ts';

const proxy = await openProxy(await startServer());
let people = 0;

beforeEach(() => {
  proxy.decide = () => 'pass';
});

const toPerson = () => ({ name: 'Eve', email: `eve${(people += 1)}@example.org`, password });

/** A profile in which a new user is signed in. The function `open` starts the app: a new tab with its replica. */
async function openSignedIn() {
  const profile = openProfile(proxy);
  const person = toPerson();
  const { id } = await profile.openTab().signUp(person);
  const disk = createDisk();
  async function open() {
    const tab = profile.openTab();
    const replica = await openReplica(tab, { storage: disk.storage });
    onTestFinished(() => replica.close());
    return { tab, replica };
  }
  return { profile, person, id, disk, open };
}

test('a replica with a cookie opens without a request, also the first time and without a network', async () => {
  const { id, disk, open } = await openSignedIn();
  proxy.seen.length = 0;
  proxy.decide = () => 'cut';
  const { replica: first } = await open();
  expect([proxy.seen, first.userId, first.tasks]).toEqual([[], id, []]);
  first.task.create({ title: 'Milk' });
  await first.stored();
  await first.close();
  const { replica: second } = await open();
  expect(titles(second)).toEqual(['Milk']);
  proxy.decide = () => 'pass';
  await settle(second);
  // The directory of users is for other sessions.
  expect([...disk.disk].filter(([name, stored]) => !name.endsWith(id) && stored.size > 0)).toEqual([]);
});

test('a replica that has all data starts with one request, which also settles what it sent before', async () => {
  const { profile, open } = await openSignedIn();
  const { replica: first } = await open();
  first.task.create({ title: 'Milk' });
  await settle(first);
  await first.close();
  // A tab without a replica, so that the stored data does not change.
  await profile.openTab().task.create({ title: 'of another device' });
  proxy.seen.length = 0;
  const { replica: second } = await open();
  await second.until(({ tasks }) => tasks.length === 2);
  expect(proxy.seen).toEqual(['POST /trpc/changes.watch']);
});

test('sign-out deletes the data of a user with a cookie, and the replica opens no more', async () => {
  const { profile, disk, open } = await openSignedIn();
  const { tab, replica } = await open();
  replica.task.create({ title: 'Milk' });
  await settle(replica);
  expect(keysOf(disk.disk).length).toBeGreaterThan(1);
  await tab.signOut();
  expect([keysOf(disk.disk), replica.tasks, replica.status.isClosed]).toEqual([[], [], true]);
  expect(await errorOf(openReplica(profile.openTab()))).toMatchObject({ code: 'UNAUTHORIZED' });
});

test('if the session of a cookie ended elsewhere, unsent writes remain, and the same user sends them later', async () => {
  const { profile, person, disk, open } = await openSignedIn();
  const { replica: first } = await open();
  first.task.create({ title: 'sent' });
  await settle(first);
  proxy.decide = () => 'cut';
  first.task.create({ title: 'unsent' });
  await first.stored();
  await endSessions(proxy, person.email);
  const closed = first.until(() => false);
  proxy.decide = () => 'pass';
  await expect(closed).rejects.toMatchObject({ code: 'ABORTED' });
  await expect
    .poll(() => keysOf(disk.disk).filter((key) => /^(task|write)/.test(key)))
    .toEqual([expect.stringMatching(/^write/)]);

  await profile.openTab().signIn(person);
  const { replica: second } = await open();
  expect(titles(second)).toEqual(['unsent']);
  await settle(second);
  expect(titles(second)).toEqual(['sent', 'unsent']);
});

test('after a sign-in as another user in another tab, the replica sends nothing, and keeps its unsent writes', async () => {
  const { profile, person, disk, open } = await openSignedIn();
  const { replica: first } = await open();
  await settle(first);
  proxy.decide = (path) => (path.includes('task.') ? 'cut' : 'pass');
  first.task.create({ title: 'of the first user' });
  await first.stored();
  const other = profile.openTab();
  await other.signUp(toPerson());
  const closed = first.until(() => false);
  proxy.decide = () => 'pass';
  await expect(closed).rejects.toMatchObject({ code: 'ABORTED' });
  expect((await other.task.list()).items).toEqual([]);
  const { replica: second } = await open();
  await settle(second);
  expect(titles(second)).toEqual([]);
  expect(keysOf(disk.disk).filter((key) => key.startsWith('write'))).toHaveLength(1);

  await profile.openTab().signIn(person);
  const { replica: third } = await open();
  await settle(third);
  expect(titles(third)).toEqual(['of the first user']);
});

test('if the stream delivers nothing, as behind a proxy that holds it back, a replica with a cursor still gets all changes', async () => {
  const { open } = await openSignedIn();
  const { tab, replica: first } = await open();
  first.task.create({ title: 'Milk' });
  await settle(first);
  await first.close();
  const { id } = await tab.task.create({ title: 'of another device' });
  for (const fate of [
    'cut',
    'hang',
    { status: 200, headers: { 'content-type': 'text/event-stream' }, body: '' },
  ] as const) {
    const title = JSON.stringify(fate);
    await tab.task.update({ id, title });
    proxy.decide = (path) => (path.includes('changes.watch') ? fate : 'pass');
    proxy.seen.length = 0;
    const { replica } = await open();
    await replica.until(() => titles(replica).includes(title));
    expect(proxy.seen.slice(0, 2)).toEqual(['POST /trpc/changes.watch', 'GET /trpc/changes.list']);
    await replica.close();
  }
});
