import { setImmediate as nextTurn } from 'node:timers/promises';
import { expect, test } from 'vitest';
import { ByteBudgets } from '../../src/live/byte-budgets.ts';
import { LiveStream } from '../../src/live/live-stream.ts';
import { createReadTurns } from '../../src/live/read-turns.ts';

const megabyte = 1024 * 1024;

function open(readsMax = 5) {
  const turns = createReadTurns(readsMax, () => new Error('full'));
  const started: string[] = [];
  function openStream(userId: string) {
    const connection = { bytesWritten: 0 };
    const stream = new LiveStream(
      {
        inTurn: (one, read) => turns.run(one, read),
        endTurn: turns.end,
        readLimitMs: 10_000,
        recordDelivery: () => {},
        remove: turns.end,
      },
      { userId, sessionId: null, signal: null, endsAt: Infinity, connection, operation: null },
    );
    return {
      /** Reads a page and sends it. */
      async read(bytes: number) {
        await stream.read(async () => void started.push(userId));
        connection.bytesWritten += bytes;
      },
      /** The client has read the page. */
      take: () => stream.recordDelivery(),
      close: () => stream.close(),
    };
  }
  return { openStream, started };
}

const turnsOfLoop = async () => {
  for (let count = 0; count < 20; count += 1) await nextTurn();
};

test('a third page of a user is read when the client has read one of the first two, and other users need not wait', async () => {
  const { openStream, started } = open();
  const [first, second, third] = ['ada', 'ada', 'ada'].map(openStream);
  await first!.read(1000);
  await second!.read(1000);
  const waiting = third!.read(1000);
  await openStream('ben').read(1000);
  await turnsOfLoop();
  expect(started).toEqual(['ada', 'ada', 'ben']);
  second!.take();
  await waiting;
  expect(started).toEqual(['ada', 'ada', 'ben', 'ada']);
});

test('a stream that closes, and one whose client does not read in time, give back their turns', async () => {
  const { openStream, started } = open();
  const [first, second, third, fourth] = ['ada', 'ada', 'ada', 'ada'].map(openStream);
  await first!.read(1000);
  await second!.read(1000);
  first!.close();
  await third!.read(1000);
  // No one takes a page.
  await fourth!.read(1000);
  expect(started).toHaveLength(4);
});

test('a user who has received much waits, and small pages of other users do not', async () => {
  const { openStream, started } = open();
  const greedy = openStream('ada');
  for (let count = 0; count < 2; count += 1) {
    await greedy.read(100 * megabyte);
    greedy.take();
  }
  const waiting = greedy.read(0);
  const other = openStream('ben');
  for (let count = 0; count < 100; count += 1) {
    await other.read(1000);
    other.take();
  }
  expect(started.filter((user) => user === 'ada')).toHaveLength(2);
  expect(started.filter((user) => user === 'ben')).toHaveLength(100);
  void waiting;
});

test('a budget has a burst, a wait for more bytes, and keys of their own', () => {
  const budgets = new ByteBudgets({ burst: 1000, bytesPerSecond: 1 });
  expect(budgets.spend('ada', 1000)).toBe(0);
  expect(budgets.spend('ada', 10)).toBeGreaterThan(9_000);
  budgets.prune();
  expect(budgets.spend('ada', 10)).toBeGreaterThan(19_000);
  expect(budgets.spend('ben', 1000)).toBe(0);
});
