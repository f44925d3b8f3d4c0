import { inOperation } from '@holdfast/operation';
import { expect, test } from 'vitest';
import { Gate, Gates } from '../../src/request/gate.ts';

const toFullError = () => new Error('full');

test('an entrant that waits until its deadline is GATEWAY_TIMEOUT and leaves the queue', async () => {
  const gate = new Gate({ runningMax: 1, waitingMax: 1 }, toFullError);
  await gate.enter(null);
  const late = inOperation({ deadlineAt: performance.now() + 20 }, () => gate.enter(null));
  expect(() => gate.enter(null)).toThrow('full');
  await expect(late).rejects.toMatchObject({ code: 'GATEWAY_TIMEOUT' });
  const next = gate.enter(null);
  gate.leave();
  await next;
  gate.leave();
  expect(gate.isEmpty).toBe(true);
});

test('entrants are admitted in the order of arrival, without those whose clients have disconnected', async () => {
  const gate = new Gate({ runningMax: 1, waitingMax: 3 }, toFullError);
  const client = new AbortController();
  const admitted: string[] = [];
  await gate.enter(null);
  const first = gate.enter(null)!.then(() => admitted.push('first'));
  const gone = gate.enter(client.signal);
  const second = gate.enter(null)!.then(() => admitted.push('second'));
  client.abort();
  await expect(gone).rejects.toMatchObject({ code: 'CLIENT_CLOSED_REQUEST' });
  expect(() => gate.enter(client.signal)).toThrow('The client disconnected.');
  gate.leave();
  await first;
  gate.leave();
  await second;
  expect(admitted).toEqual(['first', 'second']);
});

test('each key has a separate gate, and a higher limit admits waiting entrants', async () => {
  const gates = new Gates({ runningMax: 1, waitingMax: 2 }, toFullError);
  await gates.enter('ada', null);
  await gates.enter('bob', null);
  const waiting = [gates.enter('ada', null)!, gates.enter('ada', null)!];
  expect(() => gates.enter('ada', null)).toThrow('full');
  gates.leave('ada', 2);
  await Promise.all(waiting);
});

test('a gate that admits the newest first drops the oldest of a full queue', async () => {
  const gate = new Gate({ runningMax: 1, waitingMax: 2, newestFirst: true }, toFullError);
  await gate.enter(null);
  const admitted: string[] = [];
  const oldest = gate.enter(null);
  const middle = gate.enter(null)!.then(() => admitted.push('middle'));
  const newest = gate.enter(null)!.then(() => admitted.push('newest'));
  await expect(oldest).rejects.toThrow('full');
  gate.leave();
  await newest;
  gate.leave();
  await middle;
  expect(admitted).toEqual(['newest', 'middle']);
});

/** A gate with one entrant, and records of the others: those that it has admitted and those that it has refused. */
async function openFullGate({ waitingMax, newestFirst }: { waitingMax: number; newestFirst: boolean }) {
  const gate = new Gate({ runningMax: 1, waitingMax, newestFirst }, toFullError);
  const admitted: string[] = [];
  const refused: string[] = [];
  const ends: Promise<unknown>[] = [];
  await gate.enter(null);

  async function enter(name: string): Promise<void> {
    try {
      await gate.enter(null, name[0]);
    } catch {
      refused.push(name);
      return;
    }
    admitted.push(name);
    gate.leave();
  }

  return {
    admitted,
    refused,
    enter(...names: string[]) {
      ends.push(...names.map(enter));
    },
    async end() {
      gate.leave();
      await Promise.all(ends);
      expect(gate.isEmpty).toBe(true);
    },
  };
}

test('keys take turns, and the entrants of a key are admitted in the order of arrival', async () => {
  const { enter, end, admitted } = await openFullGate({ waitingMax: 9, newestFirst: false });
  enter('a1', 'a2', 'a3', 'b1', 'b2', 'c1');
  await end();
  expect(admitted).toEqual(['a1', 'b1', 'c1', 'a2', 'b2', 'a3']);
});

test('keys take turns, and the newest entrant of a key is admitted first, with the newest key before the others', async () => {
  const { enter, end, admitted } = await openFullGate({ waitingMax: 9, newestFirst: true });
  enter('a1', 'a2', 'a3', 'b1', 'b2', 'c1');
  await end();
  expect(admitted).toEqual(['c1', 'b2', 'a3', 'b1', 'a2', 'a1']);
});

test('a full queue refuses the newest entrant of the key with the most', async () => {
  const { enter, end, admitted, refused } = await openFullGate({ waitingMax: 4, newestFirst: false });
  enter('a1', 'a2', 'a3', 'a4', 'a5', 'b1', 'c1', 'b2', 'd1');
  await end();
  expect(refused.toSorted()).toEqual(['a2', 'a3', 'a4', 'a5', 'b2']);
  expect(admitted).toEqual(['a1', 'b1', 'c1', 'd1']);
});

test('a full queue that admits the newest first drops the oldest entrant of the key with the most', async () => {
  const { enter, end, admitted, refused } = await openFullGate({ waitingMax: 4, newestFirst: true });
  enter('a1', 'b1', 'b2', 'b3', 'b4', 'b5', 'c1', 'd1');
  await end();
  expect(refused).toEqual(['b1', 'b2', 'b3', 'b4']);
  expect(admitted).toEqual(['d1', 'c1', 'b5', 'a1']);
});

test('a full queue that admits the newest first drops the oldest of all if each key has one', async () => {
  const { enter, end, admitted, refused } = await openFullGate({ waitingMax: 2, newestFirst: true });
  enter('a1', 'b1', 'c1', 'd1');
  await end();
  expect(refused).toEqual(['a1', 'b1']);
  expect(admitted).toEqual(['d1', 'c1']);
});
