import { newId, type Task } from '@holdfast/client';
import type { Operation, Replica } from '@holdfast/client/replica';
import { expect, onTestFailed, test } from 'vitest';
import type { Fate } from '../fixture.ts';
import { createRandom } from '../random.ts';
import { type Device, openDevice } from './device.ts';
import { nextRequest, openWorld } from './world.ts';

const seeds = (process.env['CHAOS_SEED'] ?? `${Math.floor(Math.random() * 2 ** 31)}`).split(',').map(Number);

/** A device with its replica, and what its user has done. */
interface Participant {
  device: Device;
  replica: Replica;
  network: 'good' | 'bad' | 'none';
}

const byId = <Row extends { id: string }>(rows: readonly Row[]) =>
  rows.toSorted((one, other) => (one.id < other.id ? -1 : 1));

/** The ID under which the server remembers an operation. */
const toOperationId = ({ path, input }: Operation) =>
  path.includes('create') ? (input as { id: string }).id : (input as { operationId: string }).operationId;

function toRecords({ input }: Operation): string[] {
  const { id, ids } = input as { id?: string; ids?: string[] };
  return ids ?? (id === undefined ? [] : [id]);
}

test.each(seeds)(
  'three replicas with faults, restarts and a restored database end with the data of the server, and no write is lost without a trace (seed %i)',
  async (seed) => {
    onTestFailed(() => console.error(`Run it again with CHAOS_SEED=${seed}`));
    const { next: random, below, pick } = createRandom(seed);
    const world = await openWorld(4);
    const first = await openDevice(world.proxies[0]!);
    const email = (await first.holdfast.user.me()).email!;
    const devices = [first, await openDevice(world.proxies[1]!, email), await openDevice(world.proxies[2]!, email)];
    const participants: Participant[] = [];
    for (const device of devices) participants.push({ device, replica: await device.start(), network: 'good' });
    for (const [index, participant] of participants.entries()) {
      world.proxies[index]!.decide = (): Fate => {
        if (participant.network === 'none') return 'cut';
        if (participant.network === 'good' || random() < 0.6) return 'pass';
        return pick(['lose response', 'cut', 'duplicate'] as const);
      };
    }
    /** Operations by ID: those that the replicas stored, and those that the server refused. */
    const stored = new Map<string, Operation>();
    const refused = new Set<string>();
    /** IDs of tasks and lists that the server refused to create. If the app drops them, later writes to them are gone too. */
    const refusedRecords = new Set<string>();

    const findOperations = ({ device }: Participant) =>
      [...device.disk.values()].flatMap((entries) =>
        [...entries].filter(([key]) => key.startsWith('write ')).map(([, value]) => JSON.parse(value) as Operation),
      );
    async function write(participant: Participant): Promise<void> {
      const { replica } = participant;
      const { task, list } = replica;
      const one = pick(replica.tasks);
      const some = replica.tasks.filter(() => random() < 0.3).map(({ id }) => id);
      const ids = some.length > 0 ? some.slice(0, 20) : undefined;
      const oneList = pick(replica.lists);
      const listId = random() < 0.5 ? null : (oneList?.id ?? null);
      const text = `${pick(['a', 'b', 'c'])} ${newId()}`;
      const choice = below(16);
      if (choice < 5 || !one || !ids) task.create({ title: text, listId, labels: [pick(['x', 'y'])] });
      else if (choice < 7) task.update({ id: one.id, title: text, completed: random() < 0.5 });
      else if (choice === 7) task.update({ id: one.id, description: text });
      else if (choice === 8) task.updateMany({ ids, set: { priority: pick([0, 1, 2, 3]), listId } });
      else if (choice === 9) task.delete({ id: one.id });
      else if (choice === 10)
        task.reorder({
          listId: one.listId,
          ids: replica.tasks
            .filter((other) => other.listId === one.listId)
            .map(({ id }) => id)
            .slice(0, 50),
        });
      else if (choice === 11) list.create({ name: text });
      else if (choice === 12 && oneList) list.update({ id: oneList.id, name: text });
      else if (choice === 13 && oneList) list.delete({ id: oneList.id, ...(random() < 0.5 && { moveTo: null }) });
      else if (choice === 14 && replica.trash.length > 0) task.restore({ ids: [pick(replica.trash).id] });
      else if (choice === 15) task.renameLabel({ from: pick(['x', 'y', 'z']), to: pick(['x', 'y', 'z']) });
      await replica.stored();
    }

    /** The app decides about refused writes at random. */
    function decide({ replica }: Participant): void {
      for (const { id } of replica.refused) {
        if (random() < 0.3) continue;
        if (random() < 0.3) replica.retry(id);
        else replica.drop(id);
      }
    }

    function observe(): void {
      for (const participant of participants) {
        for (const op of findOperations(participant)) {
          stored.set(op.id, op);
          if (!op.refusal) continue;
          refused.add(op.id);
          if (op.path.includes('create')) for (const id of toRecords(op)) refusedRecords.add(id);
        }
      }
    }

    async function restart(participant: Participant): Promise<void> {
      if (random() < 0.5) participant.device.crash();
      else await participant.replica.close();
      participant.replica = await participant.device.start();
    }

    async function step(): Promise<void> {
      const index = below(3);
      const participant = participants[index]!;
      const chance = random();
      if (chance < 0.6) await write(participant);
      else if (chance < 0.75) participant.network = pick(['good', 'bad', 'none']);
      else if (chance < 0.8) await restart(participant);
      else if (chance < 0.82) await world.restart();
      else if (chance < 0.9) decide(participant);
      observe();
      await nextRequest(world.proxies[index]!);
    }

    /** Sends everything. The app drops what the server refuses. */
    async function drain({ replica }: Participant): Promise<void> {
      while (replica.status.unsent + replica.refused.length > 0) {
        await replica.until(({ status, refused }) => status.unsent === 0 || refused.length > 0);
        observe();
        for (const { id } of replica.refused) replica.drop(id);
        await replica.stored();
      }
    }

    async function drainFirstTwo(): Promise<void> {
      const two = participants.slice(0, 2);
      for (const participant of two) participant.network = 'good';
      await Promise.all(two.map(drain));
    }

    for (let count = 0; count < 40; count += 1) await step();
    // The cursor of the third replica is older than the snapshot, the cursors of the others will be newer.
    participants[2]!.network = 'none';
    await drainFirstTwo();
    await world.takeSnapshot();
    for (let count = 0; count < 30; count += 1) {
      await write(pick(participants));
      observe();
    }
    await drainFirstTwo();
    for (const participant of participants) {
      participant.network = 'none';
      for (let count = 0; count < 5; count += 1) await write(participant);
    }
    observe();
    const unsent = participants.flatMap(findOperations).filter(({ refusal }) => !refusal);
    const acceptedBefore = await world.findAccepted();
    await world.restore();
    const acceptedInSnapshot = await world.findAccepted();
    const unsentIds = new Set(unsent.map(toOperationId));
    const lost = new Set([...acceptedBefore].filter((id) => !acceptedInSnapshot.has(id) && !unsentIds.has(id)));
    expect(lost.size).toBeGreaterThan(0);
    // Other writes reach the lost revisions again before the replicas are back.
    const other = await world.signIn(email);
    for (let count = 0; count < lost.size + 20; count += 1) await other.task.create({ title: `other ${count}` });
    for (let count = 0; count < 40; count += 1) await step();

    for (const participant of participants) participant.network = 'good';
    // One replica recovers by itself.
    for (const participant of participants.slice(0, 2)) await restart(participant);
    for (const participant of participants) await drain(participant);

    const reader = await world.signIn(email);
    const tasks: Task[] = [];
    for await (const task of reader.task.listAll({ limit: 200 })) tasks.push(task);
    const trash = await reader.trash.list({ limit: 200 });
    const { items: lists } = await reader.list.list();
    expect(trash.nextCursor).toBeNull();
    const expected = JSON.stringify([byId(tasks), byId(trash.items), byId(lists)]);
    for (const { replica } of participants) {
      const read = () => JSON.stringify([byId(replica.tasks), byId(replica.trash), byId(replica.lists)]);
      await expect.poll(read).toBe(expected);
    }

    const accepted = await world.findAccepted();
    const isKnown = (op: Operation) => {
      const id = toOperationId(op);
      const records = toRecords(op);
      const isDropped = records.length > 0 && records.every((record) => refusedRecords.has(record));
      return accepted.has(id) || lost.has(id) || refused.has(op.id) || isDropped;
    };
    // A deletion of a task that does not exist has no effect, so the server does not remember it.
    const missing = [...stored.values()].filter((op) => op.path !== 'task.delete' && !isKnown(op));
    expect(missing).toEqual([]);
    expect(unsent.length).toBeGreaterThan(10);
    expect(tasks.length).toBeGreaterThan(20);
  },
);
