import type { Holdfast, List, Task } from '@holdfast/client';
import { newId } from '@holdfast/client';
import { expect } from 'vitest';
import type { Random } from '../random.ts';

/** A record with its version. */
interface Version {
  id: string;
  version: number;
}

const idsOf = (items: { id: string }[]) => items.map(({ id }) => id);

/** Makes changes with an effect, one mutation each, and compares each response with the expected state. */
export function createWriter(holdfast: Holdfast, random: Random, name: string) {
  const { task, trash, list, label } = holdfast;
  const tasks = new Map<string, Task>();
  const lists = new Map<string, List & { isDeleted: boolean }>();
  const called: string[] = [];
  let serial = 0;

  const text = () => `${name}-${(serial += 1)}`;
  const present = () => [...tasks.values()].filter(({ deletedAt }) => deletedAt === null);
  const deleted = () => [...tasks.values()].filter(({ deletedAt }) => deletedAt !== null);
  const openLists = () => [...lists.values()].filter(({ isDeleted }) => !isDeleted);
  const some = <Item>(items: Item[]): Item[] => {
    const from = random.below(items.length);
    return items.slice(from, from + 1 + random.below(4));
  };
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
  const changes: Record<string, () => Promise<boolean>> = {
    async 'task.create'() {
      const [listId = null] = random.below(2) === 0 ? idsOf(openLists()) : [];
      const fields = { title: text(), listId, labels: [text()] };
      learn(await task.create({ ...fields, ...(random.below(2) === 0 && { id: newId() }) }), fields);
      return true;
    },
    async 'task.createMany'() {
      const items = Array.from({ length: 3 }, () => ({ title: text(), listId: null }));
      const created = await task.createMany({ items });
      for (const [at, each] of created.items.entries()) learn(each, items[at]!);
      return true;
    },
    async 'task.update'() {
      const [one] = some(present());
      if (one === undefined) return false;
      const fields = { title: text() };
      learn(await task.update({ id: one.id, ...fields, ...perhaps(one.version) }), fields);
      return true;
    },
    async 'task.delete'() {
      const [one] = some(present());
      if (one === undefined) return false;
      await task.delete({ id: one.id, ...perhaps(one.version) });
      inTrash(one);
      return true;
    },
    async 'task.updateMany'() {
      const chosen = some(present());
      const priority = ([0, 1, 2, 3] as const).find((value) => chosen.every((each) => each.priority !== value));
      if (chosen.length === 0 || priority === undefined) return false;
      const { items } = await task.updateMany({ ids: idsOf(chosen), set: { priority } });
      for (const each of items) learn(each, { priority });
      return true;
    },
    async 'task.deleteMany'() {
      const chosen = some(present());
      if (chosen.length === 0) return false;
      await task.deleteMany({ ids: idsOf(chosen) });
      chosen.forEach(inTrash);
      return true;
    },
    async 'task.reorder'() {
      const chosen = some(present().filter(({ listId }) => listId === null))
        .toSorted((one, other) => (one.position < other.position ? 1 : -1))
        .slice(0, 2);
      if (chosen.length < 2) return false;
      const { items } = await task.reorder({ listId: null, ids: idsOf(chosen) });
      expect(items.map(({ id }) => id)).toEqual(idsOf(chosen));
      const moved = items.filter(({ id, version }) => version !== tasks.get(id)!.version);
      expect(moved.length).toBeGreaterThan(0);
      for (const each of moved) learn(each, {});
      return true;
    },
    async 'trash.restore'() {
      const chosen = some(deleted());
      if (chosen.length === 0) return false;
      const { items } = await trash.restore({ ids: idsOf(chosen) });
      for (const each of items) learn(each, { deletedAt: null });
      return true;
    },
    async 'trash.purge'() {
      const chosen = some(deleted());
      if (chosen.length === 0) return false;
      await trash.purge({ ids: idsOf(chosen) });
      for (const { id } of chosen) tasks.delete(id);
      return true;
    },
    async 'list.create'() {
      const created = await list.create({ name: text() });
      expect(created.version).toBe(1);
      lists.set(created.id, { ...created, isDeleted: false });
      return true;
    },
    async 'list.update'() {
      const [one] = some(openLists());
      if (one === undefined) return false;
      const fields = { name: text() };
      const stored = await list.update({ id: one.id, ...fields, ...perhaps(one.version) });
      expect(stored).toMatchObject({ ...fields, version: one.version + 1 });
      lists.set(one.id, { ...stored, isDeleted: false });
      return true;
    },
    async 'list.delete'() {
      const [one] = some(openLists());
      if (one === undefined) return false;
      const inside = present().filter(({ listId }) => listId === one.id);
      const isMove = random.below(2) === 0;
      await list.delete({ id: one.id, ...(isMove && { moveTo: null }) });
      lists.set(one.id, { ...one, version: one.version + 1, isDeleted: true });
      if (isMove) await reread(idsOf(inside));
      else inside.forEach(inTrash);
      return true;
    },
    async 'list.restore'() {
      const [one] = some([...lists.values()].filter(({ isDeleted }) => isDeleted));
      if (one === undefined) return false;
      const stored = await list.restore({ id: one.id });
      expect(stored.version).toBe(one.version + 1);
      lists.set(one.id, { ...stored, isDeleted: false });
      // The tasks that went to the trash with the list return with it.
      for await (const each of task.listAll({ listId: one.id })) learn(each, { deletedAt: null });
      return true;
    },
    async 'label.rename'() {
      const [one] = some(present().filter(({ labels }) => labels.length > 0));
      if (one === undefined) return false;
      const to = text();
      expect(await label.rename({ from: one.labels[0]!, to })).toEqual({ count: 1 });
      await reread([one.id]);
      expect(tasks.get(one.id)!.labels).toEqual([to]);
      return true;
    },
  };

  return {
    /** The procedure of each change. */
    called,
    /** Makes one change. */
    async change(): Promise<void> {
      for (;;) {
        const path = random.pick(Object.keys(changes));
        if (!(await changes[path]!())) continue;
        called.push(path);
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
    /** The records as they must be in the database. Only this writer changes them. */
    records: (): { tasks: Version[]; lists: Version[] } => ({ tasks: [...tasks.values()], lists: [...lists.values()] }),
  };
}
