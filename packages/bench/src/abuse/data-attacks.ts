import { randomUUID } from 'node:crypto';
import { manyTasksUser, searchedUsers } from './accounts.ts';
import { type Aim, type Attack, byNumber, quickly, times, toBatch, toToolCall } from './aim.ts';

const toHeaders = ({ tokens }: Aim) => ({ authorization: `Bearer ${tokens[manyTasksUser]}` });

/** Sends one request after the other, nine per second, with the body that `make` returns. */
function postQuickly(path: string, make: (at: number) => object): Attack['run'] {
  return (aim) =>
    aim.repeat(quickly, (at) => aim.send({ path, headers: toHeaders(aim), body: JSON.stringify(make(at)) }));
}

/** Calls a tool of assistants, nine times per second. */
function callTool(makeParams: (at: number) => object): Attack['run'] {
  return ({ repeat, send, tokens }) =>
    repeat(quickly, (id) => send(toToolCall(tokens[manyTasksUser]!, { id, params: makeParams(id) })));
}

/** Sends nine batches of 20 reads at once, each second. */
function readInBatches(procedure: string, toInput: (at: number) => object): Attack['run'] {
  return (aim) =>
    aim.repeat(1, (second) => {
      for (let at = 0; at < quickly; at++) {
        const inputs = times(20, (call) => toInput((second * quickly + at) * 20 + call));
        void aim.send({ path: toBatch(procedure, inputs), headers: toHeaders(aim) });
      }
    });
}

/** Attacks of a user with 100,000 tasks. */
export const dataAttacks = {
  searches: {
    title: 'one user with 100,000 tasks: 9 batches of 20 searches without a result at once, each second',
    run: readInBatches('task.list', (at) => ({ search: `task nothing${at}`, order: 'title', limit: 200 })),
  },
  'slow-searches': {
    title: '4 users: 2 searches of 5 s at once, every 10 s',
    run: ({ repeat, send, tokens }) =>
      repeat(0.1, () => {
        for (const user of searchedUsers) {
          for (const order of ['newest', 'title']) {
            const headers = { authorization: `Bearer ${tokens[user]}` };
            const path = toBatch('task.list', [{ search: `b${'a'.repeat(480)}`, order }]);
            void send({ path, headers });
          }
        }
      }),
  },
  counts: {
    title: 'one user with 100,000 tasks: 9 batches of 20 counts of searches at once, each second',
    run: readInBatches('task.count', (at) => ({ search: `task nothing${at}` })),
  },
  'label-lists': {
    title: 'one user with 100,000 tasks: 9 batches of 20 lists of the labels at once, each second',
    run: readInBatches('label.list', () => ({})),
  },
  'list-batches': {
    title: 'one user with 500 lists: 9 batches of 20 lists of the lists at once, each second',
    run: readInBatches('list.list', () => ({})),
  },
  'later-pages': {
    title: 'one user with 100,000 tasks: 9 exports, and 9 first pages of each order, per second',
    run: async (aim) => {
      const orders = ['newest', 'oldest', 'due', 'priority', 'title', 'position', 'completed', 'updated'];
      await aim.repeat(quickly, (at) => {
        const path =
          at % 2 === 0
            ? '/trpc/user.export'
            : toBatch('task.list', [{ order: orders[at % orders.length], limit: 200 }]);
        return aim.send({ path, headers: toHeaders(aim) });
      });
    },
  },
  'many-creates': {
    title: '`task.createMany` with 500 tasks of 1,900 bytes, 9/s',
    run: postQuickly('/trpc/task.createMany', () => ({
      items: times(500, (at) => ({ title: `Task ${at}`, description: 'é'.repeat(900) })),
    })),
  },
  'tiny-creates': {
    title: '`task.createMany` with 500 tasks of one letter, 9/s',
    run: postQuickly('/trpc/task.createMany', () => ({ items: times(500, () => ({ title: 'x' })) })),
  },
  'invalid-creates': {
    title: '`task.createMany` with 500 tasks of 24 problems, 9/s',
    run: postQuickly('/trpc/task.createMany', () => ({
      items: times(500, () => ({ title: '', labels: times(20, () => ''), due: { date: 'x', time: 'y' }, priority: 9 })),
    })),
  },
  'many-updates': {
    title: 'updates, reorders, deletions and restores of 500 tasks, 9/s',
    async run(aim) {
      const ids = times(500, () => randomUUID());
      const items = ids.map((id) => ({ id, title: 'A task' }));
      await aim.send({ path: '/trpc/task.createMany', headers: toHeaders(aim), body: JSON.stringify({ items }) });
      const calls = [
        (at: number) =>
          ['task.updateMany', { ids, set: { priority: at % 3, addLabels: [`label ${at % 10}`] } }] as const,
        (at: number) => ['task.reorder', { listId: null, ids: at % 8 < 4 ? ids.toReversed() : ids }] as const,
        () => ['task.deleteMany', { ids }] as const,
        () => ['trash.restore', { ids }] as const,
      ];
      await aim.repeat(quickly, (at) => {
        const [path, input] = calls[at % calls.length]!(at);
        return aim.send({ path: `/trpc/${path}`, headers: toHeaders(aim), body: JSON.stringify(input) });
      });
    },
  },
  imports: {
    title: 'imports of 500 tasks of 1,500 bytes, 9/s',
    run: postQuickly('/trpc/user.import', () => ({
      tasks: times(500, (at) => ({ id: randomUUID(), title: `Task ${at}`, description: 'x'.repeat(1500) })),
    })),
  },
  'large-creates': {
    title: 'batches of 20 creates of tasks with 40 KB, 9/s',
    run: postQuickly(`/trpc/${times(20, () => 'task.create').join(',')}?batch=1`, () =>
      byNumber(times(20, (at) => ({ title: `Task ${at}`, description: '😀'.repeat(10_000) }))),
    ),
  },
  marks: {
    title: 'creates of a task with 10,000 combining marks, and of one with a label of 120,000, 9/s',
    run: postQuickly('/trpc/task.create', (at) => {
      const half = at % 2 === 0 ? 4999 : 60_000;
      const text = `a${'\u0301'.repeat(half)}${'\u0316'.repeat(half)}`;
      return at % 2 === 0 ? { title: 'x', description: text } : { title: 'x', labels: [text, 'b'] };
    }),
  },
  zones: {
    title: '`task.createMany` with 418 tasks in other time zones each, 9/s',
    run: postQuickly('/trpc/task.createMany', () => ({
      items: Intl.supportedValuesOf('timeZone').map((timeZone) => ({
        title: 'x',
        due: { date: '2026-01-31', time: '10:00', timeZone },
      })),
    })),
  },
  assistants: {
    title: 'messages of an assistant with 700 tasks of 20 labels, 9/s',
    run: callTool(() => ({
      name: 'add_tasks',
      arguments: { items: times(700, () => ({ title: 'x', labels: times(20, (at) => `label ${at}`) })) },
    })),
  },
  'assistant-keys': {
    title: 'messages of an assistant with 14,000 keys, 9/s',
    run: callTool((at) => {
      const keys = Object.fromEntries(times(14_000, (key) => [`k${key}`, 0]));
      return { name: 'find_lists', [at % 2 === 0 ? 'arguments' : '_meta']: keys };
    }),
  },
  calendars: {
    title: 'one user with 100,000 tasks: reads of the calendar, 9/s',
    async run({ url, repeat, send, signal, ...aim }) {
      const headers = { authorization: `Bearer ${aim.tokens[manyTasksUser]}`, 'content-type': 'application/json' };
      const response = await fetch(`${url}/trpc/calendar.create`, { method: 'POST', headers, body: '{}', signal });
      const { result } = (await response.json()) as { result: { data: { path: string } } };
      await repeat(quickly, () => send({ path: result.data.path }));
    },
  },
  pages: {
    title: '`/openapi.json`, `/` and a wrong calendar, 9/s, anonymous',
    run: ({ repeat, send, newAddress }) => {
      const paths = ['/openapi.json', '/', `/calendar/${'x'.repeat(43)}.ics`];
      return repeat(quickly, (at) => send({ path: paths[at % paths.length]!, from: newAddress() }));
    },
  },
} as const satisfies Record<string, Attack>;
