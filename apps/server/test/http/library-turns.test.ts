import { expect, test } from 'vitest';
import { LibraryTurns } from '../../src/auth/throttles/library-turns.ts';

/** Turns that begin at the same time, and the names of those that have begun. */
function openTurns() {
  const turns = new LibraryTurns(() => new Error('full'));
  const begun: string[] = [];
  return {
    begun,
    begin(name: string, signal: AbortSignal | null = null) {
      const beginning = turns.begin(name[0]!, signal);
      void beginning.then(
        () => begun.push(name),
        () => {},
      );
      return beginning;
    },
  };
}

test('two requests of an address run at a time, and four of all addresses', async () => {
  const { begin, begun } = openTurns();
  const [first, ...others] = ['a1', 'a2', 'a3', 'a4', 'b1', 'b2', 'c1', 'd1'].map((name) => begin(name));
  await others[4];
  expect(begun.toSorted()).toEqual(['a1', 'a2', 'b1', 'b2']);
  (await first!)();
  await others[5];
  expect(begun.slice(4)).toEqual(['c1']);
  (await others[0]!)();
  await others[6];
  expect(begun.slice(4)).toEqual(['c1', 'd1']);
});

test('a turn ends once, and no later than a tenth of a second after it began', async () => {
  const { begin, begun } = openTurns();
  const turns = ['a1', 'a2', 'a3', 'a4'].map((name) => begin(name));
  const end = await turns[0]!;
  end();
  end();
  await turns[2];
  expect(begun).toEqual(['a1', 'a2', 'a3']);
  await turns[3];
});

test('turns that end together are free one after the other, for one address after the other', async () => {
  const { begin } = openTurns();
  const ends = await Promise.all(['a1', 'b1', 'c1', 'd1'].map((name) => begin(name)));
  let turn = 0;
  const count = () => {
    turn += 1;
    if (Object.keys(turns).length < 4) setImmediate(count);
  };
  const turns: Record<string, number> = {};
  setImmediate(count);
  const waiting = ['e1', 'e2', 'e3', 'f1', 'g1'].map(async (name) => {
    await begin(name);
    turns[name] = turn;
  });
  for (const end of ends) end();
  await Promise.all(waiting.filter((_, at) => at !== 2));
  expect(new Set(Object.values(turns)).size).toBe(4);
  expect(Object.keys(turns)).toEqual(['e1', 'f1', 'g1', 'e2']);
});

test('a request whose client disconnects leaves both queues', async () => {
  const { begin } = openTurns();
  const client = new AbortController();
  const running = ['a1', 'a2', 'b1', 'b2'].map((name) => begin(name));
  const ends = await Promise.all(running);
  const gone = [begin('a3', client.signal), begin('c1', client.signal), begin('c2', client.signal)];
  client.abort();
  for (const request of gone) await expect(request).rejects.toMatchObject({ code: 'CLIENT_CLOSED_REQUEST' });
  for (const end of ends) end();
  const turns = ['c3', 'c4', 'a4', 'a5'].map((name) => begin(name));
  await Promise.all(turns);
});
