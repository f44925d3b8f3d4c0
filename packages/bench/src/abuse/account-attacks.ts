import { preparedUsers } from './accounts.ts';
import {
  type Aim,
  type Attack,
  byNumber,
  quickly,
  times,
  toBatch,
  toBearer,
  toBytes,
  toInput,
  toToolCall,
} from './aim.ts';

type Prepared = keyof typeof preparedUsers;

const toToken = ({ preparedTokens }: Aim, user: Prepared) => preparedTokens[preparedUsers[user]]!;
const toHeaders = (aim: Aim, user: Prepared) => toBearer(toToken(aim, user));

/** tRPC's own adapter would write the whole response at once. */
const byStock = { 'trpc-accept': 'application/json' };

async function query<Data>({ url, signal }: Aim, headers: Record<string, string>, call: string): Promise<Data> {
  const response = await fetch(`${url}/trpc/${call}`, { headers, signal });
  const { result } = (await response.json()) as { result?: { data: Data } };
  if (result === undefined) throw new Error(`${call} returned ${response.status}.`);
  return result.data;
}

async function fetchTaskIds(aim: Aim, user: Prepared, most: number): Promise<string[]> {
  const ids: string[] = [];
  let cursor: string | null = null;
  do {
    const input = toInput({ limit: 200, ...(cursor !== null && { cursor }) });
    const page: { items: { id: string }[]; nextCursor: string | null } = await query(
      aim,
      toHeaders(aim, user),
      `task.list?input=${input}`,
    );
    ids.push(...page.items.map(({ id }) => id));
    cursor = page.nextCursor;
  } while (cursor !== null && ids.length < most);
  return ids.slice(0, most);
}

interface Update {
  user: Prepared;
  tasks: number;
  calls: number;
  perSecond: number;
  headers?: Record<string, string>;
  toSet?: (at: number) => object;
}

/** Batches of `task.updateMany`. */
function updateMany({ user, tasks, calls, perSecond, headers = {}, toSet }: Update): Attack['run'] {
  return async (aim) => {
    const ids = await fetchTaskIds(aim, user, tasks);
    const path =
      calls === 1 ? '/trpc/task.updateMany' : `/trpc/${times(calls, () => 'task.updateMany').join(',')}?batch=1`;
    await aim.repeat(perSecond, (at) => {
      const inputs = times(calls, (call) => ({ ids, set: toSet?.(at + call) ?? { priority: (at + call) % 2 } }));
      const body = JSON.stringify(calls === 1 ? inputs[0] : byNumber(inputs));
      return aim.send({ path, headers: { ...toHeaders(aim, user), ...headers }, body });
    });
  };
}

const lists = (calls: number) =>
  toBatch(
    'list.list',
    times(calls, () => ({})),
  );

/** Batches of 20 lists of the lists. */
const readLists =
  (headers: Record<string, string>): Attack['run'] =>
  (aim) =>
    aim.repeat(quickly, () => aim.send({ path: lists(20), headers: { ...toHeaders(aim, 'lists'), ...headers } }));

const randomText = (length: number) =>
  times(length, () => String.fromCharCode(0x4e00 + Math.random() * 20_000)).join('');

const toOtherLabel = (at: number) => (at % 2 === 0 ? { addLabels: ['x'] } : { removeLabels: ['x'] });

/** Creates a secret URL of the user's calendar. Returns its path. */
async function createCalendar(aim: Aim, user: Prepared): Promise<string> {
  const headers = { ...toHeaders(aim, user), 'content-type': 'application/json' };
  const { url, signal } = aim;
  aim.count(1);
  const response = await fetch(`${url}/trpc/calendar.create`, { method: 'POST', headers, body: '{}', signal });
  const { result } = (await response.json()) as { result?: { data: { path: string } } };
  // Over the limit, the former URL remains.
  return result?.data.path ?? '/calendar/none.ics';
}

/** Attacks of one user with prepared data. */
export const accountAttacks = {
  'many-results': {
    title: 'one user: batches of 20 updates of 190 tasks of control characters, 1/s',
    run: updateMany({ user: 'results', tasks: 190, calls: 20, perSecond: 1 }),
  },
  'stock-results': {
    title: 'the same with `trpc-accept: application/json`',
    run: updateMany({ user: 'results', tasks: 190, calls: 20, perSecond: 1, headers: byStock }),
  },
  'stock-quick-results': {
    title: 'one user: updates of 48 tasks of control characters with `trpc-accept: application/json`, 9/s',
    run: updateMany({ user: 'results', tasks: 48, calls: 1, perSecond: quickly, headers: byStock }),
  },
  'stock-bodies': {
    title: '480 posts of 1 MB without the last byte, with `trpc-accept: application/json` and no token',
    async run({ open, repeat }) {
      const body = ' '.repeat(1024 * 1024 - 1);
      const bytes = toBytes({ path: '/trpc/task.create', headers: byStock, body, length: 1024 * 1024 });
      await repeat(160, (at) => at < 480 && open(bytes));
    },
  },
  'list-burst': {
    title: 'one user with 500 long lists: 4 batches of 20 lists of the lists at once, after a small response',
    async run(aim) {
      await query(aim, toHeaders(aim, 'lists'), 'label.list');
      await aim.repeat(0.5, () => {
        for (let at = 0; at < 4; at++) void aim.send({ path: lists(20), headers: toHeaders(aim, 'lists') });
      });
    },
  },
  'plain-lists': {
    title: 'one user with 500 long lists: batches of 20 lists of the lists with `content-type: text/plain`, 9/s',
    run: readLists({ 'content-type': 'text/plain' }),
  },
  'line-lists': {
    title: 'the same with `trpc-accept: application/jsonl`',
    run: readLists({ 'trpc-accept': 'application/jsonl' }),
  },
  'assistant-updates': {
    title: 'messages of an assistant that add and remove 20 labels of control characters of 60 tasks, 9/s',
    async run(aim) {
      const ids = await fetchTaskIds(aim, 'wide', 60);
      const labels = times(20, (at) => `${'\u0001'.repeat(48)}${10 + at}`);
      await aim.repeat(quickly, (id) => {
        const args = { ids, ...(id % 2 === 0 ? { addLabels: labels } : { removeLabels: labels }) };
        return aim.send(toToolCall(toToken(aim, 'wide'), { id, params: { name: 'update_tasks', arguments: args } }));
      });
    },
  },
  'ligature-calls': {
    title: 'batches of 20 creates of tasks with 10,000 ligatures that search replaces by 18 letters each, 9/s',
    run: (aim) => {
      const path = `/trpc/${times(20, () => 'task.create').join(',')}?batch=1`;
      const body = JSON.stringify(byNumber(times(20, () => ({ title: 'x', description: '\uFDFA'.repeat(10_000) }))));
      return aim.repeat(quickly, () => aim.send({ path, headers: aim.signedIn, body }));
    },
  },
  'list-moves': {
    title: 'one user: deletions and restorations of a list of 10,000 tasks, 2/s',
    async run(aim) {
      const headers = toHeaders(aim, 'moves');
      const { lists, tasks } = await query<{ lists: { id: string }[]; tasks: { listId: string }[] }>(
        aim,
        headers,
        'changes.list',
      );
      const id = lists[0]?.id ?? tasks[0]!.listId;
      await aim.repeat(2, (at) =>
        aim.send({
          path: at % 2 === 0 ? '/trpc/list.delete' : '/trpc/list.restore',
          headers,
          body: JSON.stringify({ id }),
        }),
      );
    },
  },
  'wide-updates': {
    title: 'one user: batches of 20 updates of the descriptions of 8 tasks, 1/s',
    run: (aim) => {
      const texts = times(40, () => randomText(10_000));
      return updateMany({
        user: 'wide',
        tasks: 8,
        calls: 20,
        perSecond: 1,
        toSet: (at) => ({ description: texts[at % texts.length]! }),
      })(aim);
    },
  },
  'label-updates': {
    title: 'one user: batches of 20 changes of a label of 60 tasks with long descriptions, 1/s',
    async run(aim) {
      const ids = await fetchTaskIds(aim, 'wide', 60);
      for (const id of ids) {
        const body = JSON.stringify({ id, description: randomText(10_000) });
        await aim.send({ path: '/trpc/task.update', headers: toHeaders(aim, 'wide'), body });
      }
      await updateMany({ user: 'wide', tasks: 60, calls: 20, perSecond: 1, toSet: toOtherLabel })(aim);
    },
  },
  'quote-exports': {
    title: 'one user with 1,000 tasks of quotes and backslashes: exports, 9/s',
    run: (aim) => aim.repeat(quickly, () => aim.send({ path: '/trpc/user.export', headers: toHeaders(aim, 'quotes') })),
  },
  'quote-lists': {
    title: 'the same user: pages of 200 tasks, 9/s',
    run: (aim) => {
      const path = `/trpc/task.list?input=${toInput({ limit: 200 })}`;
      return aim.repeat(quickly, () => aim.send({ path, headers: toHeaders(aim, 'quotes') }));
    },
  },
  'new-calendars': {
    title: 'the same user: a new URL of the calendar, and a read of it, 4.5/s each',
    run: (aim) => aim.repeat(quickly / 2, async () => aim.send({ path: await createCalendar(aim, 'quotes') })),
  },
  'full-calendars': {
    title: 'one user with 1,000 due tasks of control characters: reads of the calendar, 9/s',
    async run(aim) {
      const path = await createCalendar(aim, 'calendar');
      await aim.repeat(quickly, () => aim.send({ path }));
    },
  },
} as const satisfies Record<string, Attack>;
