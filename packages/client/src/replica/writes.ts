import type {
  CreateListInput,
  CreateTaskInput,
  List,
  ReorderTasksInput,
  RouterInputs,
  Task,
} from '@holdfast/api/client';
import { HoldfastError } from '../errors.ts';
import { newId } from '../new-id.ts';
import { findTouched, type Operation, type WritePath } from './operations.ts';
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

/** Inputs can be proxies of a UI library, which a browser cannot store. */
const copy = <Value>(value: Value): Value => JSON.parse(JSON.stringify(value)) as Value;

export function createWrites({ state, add }: WriteOptions): { task: ReplicaTasks; list: ReplicaLists } {
  const getTask = (id: string) => state.find(state.tasks, id);
  const getList = (id: string) => state.find(state.lists, id);

  /** @throws HoldfastError NOT_FOUND if the replica does not have these records. */
  function write(path: WritePath, input: object, more: Partial<Operation> = {}): void {
    const id = newId();
    const hasOwnId = /create/.test(path);
    const op = {
      id,
      path,
      input: { ...input, ...(!hasOwnId && { operationId: id }) },
      at: new Date().toISOString(),
      ...more,
    };
    const operation = copy(op) as Operation;
    const touched = findTouched(operation);
    const missing = [...touched.tasks.filter((id) => !getTask(id)), ...touched.lists.filter((id) => !getList(id))];
    if (missing.length > 0 && !hasOwnId && path !== 'list.restore') {
      const [code, message] = ['NOT_FOUND', 'The replica has no such record. Check the ID.'] as const;
      throw new HoldfastError({ code, message, isRetryable: true, ids: missing });
    }
    add(operation);
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

  function reorder(input: Without<ReorderTasksInput>): Task[] {
    const known = toAscending(input.ids.map((id) => getTask(id)?.position ?? ''));
    const positions = Object.fromEntries(input.ids.map((id, at) => [id, known[at]!]));
    write('task.reorder', input, { positions });
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
        const description = getTask(input.id)?.description;
        write('task.update', input, input.description === undefined ? {} : { description: description ?? null });
        return getTask(input.id)!;
      },
      updateMany(input) {
        write('task.updateMany', input);
        return read(input.ids);
      },
      delete: (input) => write('task.delete', input),
      deleteMany: (input) => write('task.deleteMany', input),
      reorder,
      restore(input) {
        write('trash.restore', input);
        return read(input.ids);
      },
      renameLabel: (input) => write('label.rename', input),
    },
    list: {
      get: (id) => {
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
