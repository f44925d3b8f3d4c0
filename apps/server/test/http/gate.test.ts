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
