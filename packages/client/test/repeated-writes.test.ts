import { createClient, newId, newTaskId } from '@holdfast/client';
import { beforeEach, expect, test } from 'vitest';
import { createStorage, errorOf, openProxy, refusal, signUpClient, startServer } from './fixture.ts';

const server = await startServer();
const proxy = await openProxy(server);
const calls = () => proxy.seen.filter((line) => line.includes('/trpc/'));

beforeEach(() => {
  proxy.decide = () => 'pass';
});

/** Gives the first call of a procedure this outcome. */
const first = (fate: ReturnType<typeof proxy.decide>) => {
  let left = 1;
  proxy.decide = (path) => (path.startsWith('/trpc/') && (left -= 1) >= 0 ? fate : 'pass');
};

test('a repeated create with an ID of the app returns the task as it is now', async () => {
  const holdfast = await signUpClient(proxy);
  const input = { id: newTaskId(), title: 'mine', due: { date: '2027-06-01' }, labels: ['home'] };
  await holdfast.task.create(input);
  const changed = await holdfast.task.update({ id: input.id, title: 'changed' });
  expect(await holdfast.task.create(input)).toEqual(changed);
  expect(await errorOf(holdfast.task.create({ ...input, title: 'other' }))).toMatchObject({
    code: 'CONFLICT',
    current: changed,
  });
});

test('a retried create returns the stored task if another device changed it before the retry', async () => {
  const storage = createStorage();
  const holdfast = await signUpClient(proxy, { storage });
  const otherDevice = createClient({ url: proxy.url, storage });
  let creates = 0;
  let isChanged = false;
  proxy.decide = (path) => {
    if (path !== '/trpc/task.create') return 'pass';
    creates += 1;
    if (creates === 1) return 'lose response';
    // Gives another device time to change the task.
    return isChanged ? 'pass' : refusal('SERVICE_UNAVAILABLE', 503, { retryAfterMs: 1000 });
  };
  const creating = holdfast.task.create({ title: 'mine' });
  await expect.poll(() => creates).toBe(2);
  const [found] = (await otherDevice.task.list()).items;
  await otherDevice.task.update({ id: found!.id, title: 'changed' });
  isChanged = true;
  expect(await creating).toMatchObject({ id: found!.id, title: 'changed', version: 2 });
});

test('every mutation is retried after a lost response and applied once', async () => {
  const holdfast = await signUpClient(proxy);
  const { task, list, label, trash, user, calendar } = holdfast;
  const lost = async <Result>(call: () => Promise<Result>): Promise<Result> => {
    first('lose response');
    proxy.seen.length = 0;
    const result = await call();
    const [path] = calls();
    expect(calls()).toEqual([path, path]);
    return result;
  };
  const { id: listId } = await lost(() => list.create({ name: 'list' }));
  const { items } = await lost(() => task.createMany({ items: [{ title: 'a' }, { title: 'b' }] }));
  const ids = items.map(({ id }) => id);
  const updated = await lost(() => task.updateMany({ ids, set: { listId, addLabels: ['x'] } }));
  expect(updated.items.map(({ version }) => version)).toEqual([2, 2]);
  await lost(() => task.reorder({ listId, ids: ids.toReversed() }));
  expect(await lost(() => label.rename({ from: 'x', to: 'y' }))).toEqual({ count: 2 });
  expect(await lost(() => task.deleteMany({ ids }))).toEqual({ ids });
  expect((await lost(() => trash.restore({ ids }))).items).toHaveLength(2);
  expect(await lost(() => list.update({ id: listId, name: 'new' }))).toMatchObject({ version: 2 });
  expect(await lost(() => list.update({ id: listId, color: 'red', ifVersion: 2 }))).toMatchObject({ version: 3 });
  expect(await lost(() => list.delete({ id: listId }))).toEqual({ id: listId });
  expect(await lost(() => list.restore({ id: listId }))).toMatchObject({ id: listId, name: 'new' });
  const operationId = newId();
  const { version } = await task.get({ id: ids[0]! });
  const update = () => task.update({ id: ids[0]!, title: 'c', operationId });
  expect(await lost(update)).toMatchObject({ version: version + 1 });
  expect(await lost(() => task.update({ id: ids[0]!, title: 'd' }))).toMatchObject({ version: version + 2 });
  // The app sends the first update again, after a restart for example.
  expect(await update()).toMatchObject({ title: 'd', version: version + 2 });
  expect(await lost(() => task.delete({ id: ids[0]!, ifVersion: version + 2 }))).toEqual({ id: ids[0] });
  expect(await lost(() => user.update({ timeZone: 'Asia/Tokyo' }))).toMatchObject({ timeZone: 'Asia/Tokyo' });
  const rows = { tasks: [{ id: newId(), title: 'imported', deletedAt: '2900-01-01T00:00:00.000Z' }] };
  // The first attempt has created the task.
  expect(await lost(() => user.import(rows))).toEqual({ created: 0, unchanged: 1, conflicts: [] });
  expect(await trash.purge({ ids: [rows.tasks[0]!.id] })).toEqual({ count: 1 });
  // The first attempt has removed the task.
  expect(await lost(() => trash.purge({ ids: [ids[0]!] }))).toEqual({ count: 0 });
  await calendar.create();
  await lost(() => calendar.revoke());
  expect(await calendar.get()).toEqual({ createdAt: null });
  expect(await trash.list()).toEqual({ items: [], nextCursor: null });
  expect(await task.list()).toMatchObject({ items: [{ id: ids[1] }] });
});

/** Sends the first `task.update` to the server and drops its response. Later ones are refused until `goOn` is called. */
function holdUpdates(): { attempts: () => number; goOn: () => void } {
  let attempts = 0;
  let isHeld = true;
  proxy.decide = (path) => {
    if (path !== '/trpc/task.update') return 'pass';
    attempts += 1;
    if (attempts === 1) return 'lose response';
    return isHeld ? refusal('SERVICE_UNAVAILABLE', 503, { retryAfterMs: 1 }) : 'pass';
  };
  return { attempts: () => attempts, goOn: () => void (isHeld = false) };
}

test('after a repeated update, a pending update with the same ifVersion does not conflict with it', async () => {
  const holdfast = await signUpClient(proxy);
  const { id, version } = await holdfast.task.create({ title: 'task' });
  first('lose response');
  const [one, two] = await Promise.all([
    holdfast.task.update({ id, completed: true, ifVersion: version }),
    holdfast.task.update({ id, title: 'changed', ifVersion: version }),
  ]);
  expect([one.version, two.version]).toEqual([2, 3]);
});

test('a repeated update returns the change of another device, which a pending update with ifVersion does not overwrite', async () => {
  const storage = createStorage();
  const holdfast = await signUpClient(proxy, { storage });
  const { id, version } = await holdfast.task.create({ title: 'task' });
  const held = holdUpdates();
  const first = holdfast.task.update({ id, completed: true, ifVersion: version });
  const second = errorOf(holdfast.task.update({ id, title: 'mine', ifVersion: version }));
  await expect.poll(held.attempts).toBeGreaterThan(1);
  const otherDevice = createClient({ url: server, storage });
  await otherDevice.task.update({ id, title: 'theirs' });
  held.goOn();
  expect(await first).toMatchObject({ title: 'theirs', completed: true, version: 3 });
  expect(await second).toMatchObject({ code: 'CONFLICT', current: { title: 'theirs', version: 3 } });
});

test('a repeated update of a task that another device has deleted returns the task in the trash', async () => {
  const storage = createStorage();
  const holdfast = await signUpClient(proxy, { storage });
  const { id } = await holdfast.task.create({ title: 'task' });
  const held = holdUpdates();
  const updating = holdfast.task.update({ id, title: 'mine' });
  await expect.poll(held.attempts).toBeGreaterThan(1);
  await createClient({ url: server, storage }).task.delete({ id });
  held.goOn();
  expect(await updating).toMatchObject({ title: 'mine', deletedAt: expect.any(String) });
});

test('updates and deletes of a list with one ifVersion include this client’s own changes', async () => {
  const { list } = await signUpClient(proxy);
  const { id, version: ifVersion } = await list.create({ name: 'list' });
  const [one, two, three] = await Promise.all([
    list.update({ id, name: 'one', ifVersion }),
    list.update({ id, name: 'two', ifVersion }),
    list.delete({ id, ifVersion }),
  ]);
  expect([one.version, two.version, three]).toEqual([2, 3, { id }]);
});

test('the operationId of another call is a conflict without a stored task', async () => {
  const { task } = await signUpClient(proxy);
  const { id } = await task.create({ title: 'task' });
  const operationId = newId();
  await task.update({ id, title: 'one', operationId });
  const error = await errorOf(task.update({ id, title: 'two', operationId }));
  expect(error).toMatchObject({ code: 'CONFLICT', isRetryable: true });
  expect(error).not.toHaveProperty('current');
});

test('a request with keepalive whose response is lost is repeated: each write once, in call order', async () => {
  const holdfast = await signUpClient(proxy);
  await holdfast.user.me();
  for (const fate of ['lose response', 'cut'] as const) {
    const [listId, id] = [newId(), newTaskId()];
    proxy.seen.length = 0;
    first(fate);
    const [list, task, updated, renamed] = await Promise.all([
      holdfast.list.create({ id: listId, name: 'list' }),
      holdfast.task.create({ id, title: 'task', listId }),
      holdfast.task.update({ id, title: 'changed' }),
      holdfast.list.update({ id: listId, name: 'renamed' }),
      holdfast.task.update({ id, priority: 3 }, { keepalive: true }),
    ]);
    expect(calls()[0]).toBe('POST /trpc/list.create,task.create,task.update,task.update');
    expect([list.id, task.id, renamed.name]).toEqual([listId, id, 'renamed']);
    expect(updated.title).toBe('changed');
    expect(await holdfast.task.get({ id })).toMatchObject({ title: 'changed', priority: 3, version: 3 });
  }
});

test('a request with keepalive whose token is refused is repeated with a new token', async () => {
  const holdfast = await signUpClient(proxy);
  const { id } = await holdfast.task.create({ title: 'task' });
  first(refusal('UNAUTHORIZED', 401));
  const [one, two] = await Promise.all([
    holdfast.task.update({ id, title: 'one' }),
    holdfast.task.update({ id, title: 'two' }, { keepalive: true }),
  ]);
  expect([one.version, two.version, two.title]).toEqual([2, 3, 'two']);
});
