import { setTimeout as sleep } from 'node:timers/promises';
import { type Aim, type Attack, byNumber, quickly, toBatch, toBearer, toBytes } from './aim.ts';

const streamsPerUser = 20;
const toStream = (token: string) => ({ path: '/trpc/changes.watch', headers: toBearer(token) });

/** Keeps streams open, and opens at most nine per second. They begin with a copy of all tasks, and read as fast as they can. */
async function keepStreams({ open, repeat }: Aim, token: string): Promise<void> {
  let isOpen = 0;
  await repeat(quickly, () => {
    if (isOpen >= streamsPerUser) return;
    isOpen += 1;
    open(toBytes(toStream(token)))
      .on('close', () => (isOpen -= 1))
      .resume();
  });
}

async function post({ url, signal }: Aim, { token, path, input }: { token: string; path: string; input: object }) {
  const headers = { ...toBearer(token), 'content-type': 'application/json' };
  return fetch(`${url}/trpc/${path}`, { method: 'POST', headers, body: JSON.stringify(input), signal });
}

async function fetchTaskIds({ url, signal }: Aim, token: string, limit: number): Promise<string[]> {
  const input = encodeURIComponent(JSON.stringify({ limit }));
  const response = await fetch(`${url}/trpc/task.list?input=${input}`, { headers: toBearer(token), signal });
  const { result } = (await response.json()) as { result: { data: { items: { id: string }[] } } };
  return result.data.items.map(({ id }) => id);
}

/** Writes that wait for each other: each changes all 10,000 tasks of a user. */
async function renameLabels({ send, repeat }: Aim, tokens: readonly string[]): Promise<void> {
  const names = ['one', 'two'];
  await repeat(1, (at) => {
    for (const token of tokens) {
      for (let call = 0; call < 4; call++) {
        const [from, to] = (at + call) % 2 === 0 ? names : names.toReversed();
        void send({ path: '/trpc/label.rename', headers: toBearer(token), body: JSON.stringify({ from, to }) });
      }
    }
  });
}

export const liveAttacks = {
  'stream-copies': {
    title: 'one user: 20 streams that copy all large tasks, again and again',
    run: ({ open, repeat, token }) =>
      repeat(quickly, () => {
        // A stream that has its copy is closed, and another one opened.
        const socket = open(toBytes(toStream(token))).resume();
        void sleep(2200).then(() => socket.destroy());
      }),
  },
  'stream-writes': {
    title: 'one user: 20 streams, and 4 updates of 40 large tasks per second',
    async run(aim) {
      const ids = await fetchTaskIds(aim, aim.token, 40);
      await Promise.all([
        keepStreams(aim, aim.token),
        aim.repeat(4, (at) =>
          post(aim, { token: aim.token, path: 'task.updateMany', input: { ids, set: { priority: at % 2 } } }).catch(
            () => {},
          ),
        ),
      ]);
    },
  },
  'stream-wake-ups': {
    title: 'one user: 20 streams, and 9 batches of 20 creates per second',
    run: (aim) =>
      Promise.all([
        keepStreams(aim, aim.token),
        aim.repeat(quickly, () => {
          const inputs = Array.from({ length: 20 }, () => ({ title: 'A task' }));
          const path = `${inputs.map(() => 'task.create').join(',')}?batch=1`;
          return post(aim, { token: aim.token, path, input: byNumber(inputs) }).catch(() => {});
        }),
      ]),
  },
  'unread-streams': {
    title: '9 users: 20 streams each that never read tasks of control characters',
    run: ({ tokens, open, repeat }) =>
      repeat(60, (at) => {
        if (at < tokens.length * streamsPerUser) open(toBytes(toStream(tokens[at % tokens.length]!)));
      }),
  },
  'copy-batches': {
    title: 'one user: 9 batches of 20 first pages of `changes.list` at once, each second',
    run: ({ send, repeat, signedIn }) => {
      const path = toBatch(
        'changes.list',
        Array.from({ length: 20 }, () => ({ limit: 1 })),
      );
      return repeat(1, () => {
        for (let at = 0; at < quickly; at++) void send({ path, headers: signedIn });
      });
    },
  },
  'waiting-writes': {
    title: '3 users: 4 renames of a label of 10,000 tasks at once, each second',
    run: (aim) => renameLabels(aim, aim.tokens.slice(0, 3)),
  },
  'large-results': {
    title: 'one user: batches of 20 updates of 60 tasks of control characters, 1/s',
    async run(aim) {
      const [token] = aim.tokens.slice(-1) as [string];
      const ids = await fetchTaskIds(aim, token, 60);
      await aim.repeat(1, (at) => {
        const inputs = Array.from({ length: 20 }, (_, call) => ({ ids, set: { priority: (at + call) % 2 } }));
        const path = `/trpc/${inputs.map(() => 'task.updateMany').join(',')}?batch=1`;
        return aim.send({ path, headers: toBearer(token), body: JSON.stringify(byNumber(inputs)) });
      });
    },
  },
} as const satisfies Record<string, Attack>;
