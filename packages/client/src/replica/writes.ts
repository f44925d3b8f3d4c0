import type { CreateListInput, CreateTaskInput, List, RouterInputs, Task } from '@holdfast/api/client';
import { HoldfastError } from '../errors.ts';
import { newId } from '../new-id.ts';
import { findRecords, isCreate, type Operation, type StoredList, type WritePath } from './operations.ts';
import { copy } from './outbox.ts';
import { createEndPositions, toAscending } from './positions.ts';
import type { State } from './state.ts';

type Inputs = RouterInputs['task'];
type Lists = RouterInputs['list'];
/** The replica sets these fields itself. */
type Without<Input> = Omit<Input, 'ifVersion' | 'operationId'>;

/** Writes to tasks. Each one takes effect at once, and is sent when the server can be reached. */
export interface ReplicaTasks {
  /** Returns a task, also one in the trash. Undefined if the replica has no such task. */
  get(id: string): Task | undefined;
  /** Creates a task, and returns it as it is shown until the server has stored it. */
  create(input: Inputs['create']): Task;
  /** Creates up to 500 tasks. */
  createMany(input: Inputs['createMany']): Task[];
  /** Changes the given fields. If another device changes the description at the same time, the write is refused. */
  update(input: Without<Inputs['update']>): Task;
  /** Makes the same changes to up to 500 tasks. */
  updateMany(input: Without<Inputs['updateMany']>): Task[];
  /** Moves a task to the trash. */
  delete(input: Without<Inputs['delete']>): void;
  /** Moves up to 500 tasks to the trash. */
  deleteMany(input: Without<Inputs['deleteMany']>): void;
  /** Puts up to 500 tasks of a list into a new manual order. */
  reorder(input: Without<Inputs['reorder']>): Task[];
  /** Moves up to 500 tasks from the trash back to their lists. */
  restore(input: Without<RouterInputs['trash']['restore']>): Task[];
  /** Renames a label in all tasks. */
  renameLabel(input: Without<RouterInputs['label']['rename']>): void;
}

/** Writes to lists. Each one takes effect at once, and is sent when the server can be reached. */
export interface ReplicaLists {
  /** Returns a list, also an archived one. Undefined if the replica has no such list. */
  get(id: string): List | undefined;
  create(input: Lists['create']): List;
  update(input: Without<Lists['update']>): List;
  /** Moves a list to the trash, with its tasks or without them if you pass `moveTo`. */
  delete(input: Without<Lists['delete']>): void;
  /** Moves a list out of the trash, with the tasks that went there with it. It is visible when the server has responded. */
  restore(input: Without<Lists['restore']>): void;
}

interface WriteOptions {
  state: State;
  /** Adds an operation to the outbox. */
  add(op: Operation): void;
}

export function createWrites({ state, add }: WriteOptions): { task: ReplicaTasks; list: ReplicaLists } {
  const getTask = (id: string) => state.find(`task ${id}`) as Task | undefined;
  const getList = (id: string) => state.find(`list ${id}`) as StoredList | undefined;

  /** @throws HoldfastError NOT_FOUND if the replica does not have these records. */
  function write(path: WritePath, input: object, more: Partial<Operation> = {}): void {
    const id = newId();
    const named = isCreate({ path }) ? input : { ...input, operationId: id };
    const op = copy({ id, path, input: named, at: new Date().toISOString(), ...more }) as Operation;
    const missing = findRecords(op).changed.filter((record) => !state.find(record));
    if (missing.length > 0 && /^task\.[udr]|^list\.[ud]|^trash/.test(path)) {
      const ids = missing.map((record) => record.slice(5));
      const message = 'The replica has no such record. Check the ID.';
      throw new HoldfastError({ code: 'NOT_FOUND', message, isRetryable: true, ids });
    }
    add(op);
  }

  const read = (ids: readonly string[]) => ids.map((id) => getTask(id)!);

  function complete<Input extends CreateTaskInput | CreateListInput>(items: readonly Input[]) {
    const positions = createEndPositions(Date.now(), items.length);
    return items.map((item, at) => ({
      ...item,
      id: (item.id ?? newId()).toLowerCase(),
      position: item.position ?? positions[at]!,
    }));
  }

  /** A write to several tasks. */
  function writeMany(path: WritePath, input: { ids: string[] }, more?: Partial<Operation>): Task[] {
    write(path, input, more);
    return read(input.ids);
  }

  return {
    task: {
      get: getTask,
      create(input) {
        const [item] = complete([input]);
        write('task.create', item!);
        return getTask(item!.id)!;
      },
      createMany(input) {
        const items = complete(input.items);
        write('task.createMany', { items });
        return read(items.map(({ id }) => id));
      },
      update(input) {
        const { id, description } = input;
        write('task.update', input, description === undefined ? {} : { description: getTask(id)?.description ?? null });
        return getTask(id)!;
      },
      updateMany: (input) => writeMany('task.updateMany', input),
      delete: (input) => write('task.delete', input),
      deleteMany: (input) => void writeMany('task.deleteMany', input),
      reorder(input) {
        const positions = toAscending(input.ids.map((id) => getTask(id)?.position ?? ''));
        const entries = input.ids.map((id, at) => [id, positions[at]!]);
        return writeMany('task.reorder', input, { positions: Object.fromEntries(entries) });
      },
      restore: (input) => writeMany('trash.restore', input),
      renameLabel: (input) => write('label.rename', input),
    },
    list: {
      get(id) {
        const list = getList(id);
        return list?.deletedAt ? undefined : list;
      },
      create(input) {
        const [item] = complete([input]);
        write('list.create', item!);
        return getList(item!.id)!;
      },
      update(input) {
        write('list.update', input);
        return getList(input.id)!;
      },
      delete: (input) => write('list.delete', input),
      restore: (input) => write('list.restore', input, { deletedAt: getList(input.id)?.deletedAt ?? null }),
    },
  };
}
