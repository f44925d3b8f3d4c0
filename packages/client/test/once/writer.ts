import type { Holdfast, List, Task } from '@holdfast/client';
import { newId } from '@holdfast/client';
import { expect } from 'vitest';
import type { Random } from './random.ts';

/** The records of one writer, as they must be in the database. Only this writer changes them. */
export interface Records {
  /** Versions of the tasks by ID. */
  tasks: Map<string, number>;
  /** Versions of the lists by ID. */
  lists: Map<string, number>;
  purged: string[];
}

/** Makes changes with an effect, one mutation each, and compares each response with the expected state. */
export function createWriter(holdfast: Holdfast, random: Random, name: string) {
  const { task, trash, list, label } = holdfast;
  const tasks = new Map<string, Task>();
  const lists = new Map<string, List & { isDeleted: boolean }>();
  const purged: string[] = [];
  const counts = new Map<string, number>();
  let serial = 0;

  const text = () => `${name}-${(serial += 1)}`;
  const present = () => [...tasks.values()].filter(({ deletedAt }) => deletedAt === null);
  const deleted = () => [...tasks.values()].filter(({ deletedAt }) => deletedAt !== null);
  const openLists = () => [...lists.values()].filter(({ isDeleted }) => !isDeleted);
  const some = <Item>(items: Item[]): Item[] => {
    const from = random.below(items.length);
    return items.slice(from, from + 1 + random.below(4));
  };
  const idsOf = (items: { id: string }[]) => items.map(({ id }) => id);
  const perhaps = (version: number) => (random.below(2) === 0 ? { ifVersion: version } : {});

  /** The stored task must be the known one with these changes and the next version. */
  function learn(stored: Task, changes: Partial<Task>): void {
    const known = tasks.get(stored.id);
    const version = known === undefined ? 1 : known.version + 1;
    expect(stored).toMatchObject({ ...(known && { title: known.title }), ...changes, version });
    tasks.set(stored.id, stored);
  }

  async function reread(ids: string[]): Promise<void> {
    for (const stored of await Promise.all(ids.map((id) => task.get({ id })))) learn(stored, {});
  }

  const inTrash = (each: Task): void =>
    void tasks.set(each.id, { ...each, deletedAt: 'deleted', version: each.version + 1 });

  /** Each function makes one change, or returns false if there is nothing to change. */
  const changes: Record<string, () => Promise<unknown> | false> = {
    async 'task.create'() {
      const [listId = null] = random.below(2) === 0 ? idsOf(openLists()) : [];
      const fields = { title: text(), listId, labels: [text()] };
      learn(await task.create({ ...fields, ...(random.below(2) === 0 && { id: newId() }) }), fields);
    },
    async 'task.createMany'() {
      const items = Array.from({ length: 3 }, () => ({ title: text(), listId: null }));
      const created = await task.createMany({ items });
      for (const [at, each] of created.items.entries()) learn(each, items[at]!);
    },
    'task.update'() {
      const [one] = present().length > 0 ? [random.pick(present())] : [];
      if (one === undefined) return false;
      const fields = { title: text() };
      return task.update({ id: one.id, ...fields, ...perhaps(one.version) }).then((each) => learn(each, fields));
    },
    'task.delete'() {
      const [one] = some(present());
      return one !== undefined && task.delete({ id: one.id, ...perhaps(one.version) }).then(() => inTrash(one));
    },
    'task.updateMany'() {
      const chosen = some(present());
      const priority = ([0, 1, 2, 3] as const).find((value) => chosen.every((each) => each.priority !== value));
      if (chosen.length === 0 || priority === undefined) return false;
      return task.updateMany({ ids: idsOf(chosen), set: { priority } }).then(({ items }) => {
        for (const each of items) learn(each, { priority });
      });
    },
    'task.deleteMany'() {
      const chosen = some(present());
      return chosen.length > 0 && task.deleteMany({ ids: idsOf(chosen) }).then(() => chosen.forEach(inTrash));
    },
    'task.reorder'() {
      const chosen = some(present().filter(({ listId }) => listId === null))
        .toSorted((one, other) => (one.position < other.position ? 1 : -1))
        .slice(0, 2);
      if (chosen.length < 2) return false;
      return task.reorder({ listId: null, ids: idsOf(chosen) }).then(({ items }) => {
        expect(items.map(({ id }) => id)).toEqual(idsOf(chosen));
        const moved = items.filter(({ id, version }) => version !== tasks.get(id)!.version);
        expect(moved.length).toBeGreaterThan(0);
        for (const each of moved) learn(each, {});
      });
    },
    'trash.restore'() {
      const chosen = some(deleted());
      if (chosen.length === 0) return false;
      return trash.restore({ ids: idsOf(chosen) }).then(({ items }) => {
        for (const each of items) learn(each, { deletedAt: null });
      });
    },
    'trash.purge'() {
      const chosen = some(deleted());
      if (chosen.length === 0) return false;
      return trash.purge({ ids: idsOf(chosen) }).then(() => {
        for (const { id } of chosen) tasks.delete(id);
        purged.push(...idsOf(chosen));
      });
    },
    async 'list.create'() {
      const created = await list.create({ name: text() });
      expect(created.version).toBe(1);
      lists.set(created.id, { ...created, isDeleted: false });
    },
    'list.update'() {
      const [one] = some(openLists());
      if (one === undefined) return false;
      const fields = { name: text() };
      return list.update({ id: one.id, ...fields, ...perhaps(one.version) }).then((stored) => {
        expect(stored).toMatchObject({ ...fields, version: one.version + 1 });
        lists.set(one.id, { ...stored, isDeleted: false });
      });
    },
    'list.delete'() {
      const [one] = some(openLists());
      if (one === undefined) return false;
      const inside = present().filter(({ listId }) => listId === one.id);
      const isMove = random.below(2) === 0;
      return list.delete({ id: one.id, ...(isMove && { moveTo: null }) }).then(async () => {
        lists.set(one.id, { ...one, version: one.version + 1, isDeleted: true });
        if (isMove) await reread(idsOf(inside));
        else inside.forEach(inTrash);
      });
    },
    'list.restore'() {
      const [one] = some([...lists.values()].filter(({ isDeleted }) => isDeleted));
      if (one === undefined) return false;
      return list.restore({ id: one.id }).then(async (stored) => {
        expect(stored.version).toBe(one.version + 1);
        lists.set(one.id, { ...stored, isDeleted: false });
        // The tasks that went to the trash with the list return with it.
        for await (const each of task.listAll({ listId: one.id })) {
          if (tasks.get(each.id)?.deletedAt !== null) learn(each, { deletedAt: null });
        }
      });
    },
    'label.rename'() {
      const [one] = some(present().filter(({ labels }) => labels.length > 0));
      if (one === undefined) return false;
      const to = text();
      return label.rename({ from: one.labels[0]!, to }).then(async ({ count }) => {
        expect(count).toBe(1);
        await reread([one.id]);
        expect(tasks.get(one.id)!.labels).toEqual([to]);
      });
    },
  };

  return {
    /** Number of mutations by procedure. */
    counts,
    /** Makes one change. */
    async change(): Promise<void> {
      for (;;) {
        const path = random.pick(Object.keys(changes));
        const changing = changes[path]!();
        if (changing === false) continue;
        await changing;
        counts.set(path, (counts.get(path) ?? 0) + 1);
        return;
      }
    },
    /** Updates different tasks in one batch. Returns the number of updates. */
    async changeTogether(max: number): Promise<number> {
      const chosen = present().slice(0, max);
      const updates = chosen.map((each) => ({ id: each.id, title: text(), ifVersion: each.version }));
      const stored = await Promise.all(updates.map((update) => task.update(update)));
      for (const [at, each] of stored.entries()) learn(each, { title: updates[at]!.title });
      return stored.length;
    },
    records: (): Records => ({
      tasks: new Map([...tasks.values()].map(({ id, version }) => [id, version])),
      lists: new Map([...lists.values()].map(({ id, version }) => [id, version])),
      purged,
    }),
  };
}
