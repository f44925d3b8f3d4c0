import { randomUUID } from 'node:crypto';
import { expect, test } from 'vitest';
import { bearer, createTokenCalls } from '../auth/api-token-fixture.ts';
import { openServer, signUp } from '../fixture.ts';
import { connect, protocols } from './assistant.ts';

const { url } = await openServer();
const tokens = createTokenCalls(url);

test.each(protocols)(
  'with the protocol %s, an assistant can undo a change with the previous values in its result',
  async (protocol) => {
    const { session, jwt } = await signUp(url, `${randomUUID()}@example.org`);
    const { token } = await tokens.create(session);
    const ada = await connect(url, token, protocol);
    const { list } = await ada.call('add_list', { name: 'Home' });
    const due = { date: '2027-06-01', time: '09:00' };
    const items = [{ title: 'one', due, priority: 2, labels: ['a'], listId: list.id }, { title: 'two' }];
    const { tasks } = await ada.call('add_tasks', { items });
    const ids = tasks.map(({ id }) => id);
    const [one, two] = ids;
    const change = { ids, due: { date: '2027-07-01' }, priority: 0, addLabels: ['b'], operationId: randomUUID() };
    expect((await ada.call('update_tasks', change)).previous).toEqual([
      { id: one, due, priority: 2, labels: ['a'] },
      { id: two, due: null, labels: [] },
    ]);
    expect(await ada.call('update_tasks', change)).not.toHaveProperty('previous');
    expect((await ada.call('update_tasks', { ids, priority: 0 })).previous).toEqual([]);
    expect((await ada.call('move_tasks', { ids, listId: null })).previous).toEqual([{ id: one, listId: list.id }]);
    expect((await ada.call('complete_tasks', { ids: [two] })).previous).toEqual([{ id: two, completed: false }]);
    await ada.call('update_tasks', { ids: [one], due, priority: 2, removeLabels: ['b'] });
    await ada.call('update_tasks', { ids: [two], due: null, removeLabels: ['b'] });
    await ada.call('move_tasks', { ids: [one], listId: list.id });
    await ada.call('complete_tasks', { ids: [two], completed: false });
    const input = encodeURIComponent(JSON.stringify({ order: 'title' }));
    const response = await fetch(`${url}/trpc/task.list?input=${input}`, { headers: bearer(jwt) });
    const { result } = (await response.json()) as { result: { data: { items: object[] } } };
    expect(result.data.items).toMatchObject([
      { id: one, due, priority: 2, labels: ['a'], listId: list.id },
      { id: two, due: null, priority: 0, labels: [], listId: null, completed: false },
    ]);
  },
);

// The library writes a result at once, and other requests wait.
test('a result with very many control characters is not shown, and its change is made', async () => {
  const { session, jwt } = await signUp(url, `${randomUUID()}@example.org`);
  const { token } = await tokens.create(session);
  const ada = await connect(url, token);
  const { tasks } = await ada.call('add_tasks', { items: Array.from({ length: 100 }, () => ({ title: 'x' })) });
  const addLabels = Array.from({ length: 20 }, (_, at) => `${'\u0001'.repeat(48)}${10 + at}`);
  const change = { ids: tasks.map(({ id }) => id), addLabels };
  expect(await ada.client.callTool({ name: 'update_tasks', arguments: change })).toMatchObject({
    content: [{ text: expect.stringMatching(/^The call succeeded\. The result is too long to show/) }],
  });
  const input = encodeURIComponent(JSON.stringify({ id: tasks[99]!.id }));
  const response = await fetch(`${url}/trpc/task.get?input=${input}`, { headers: bearer(jwt) });
  expect(await response.json()).toMatchObject({ result: { data: { labels: addLabels } } });
});
