import type { List, RouterInputs, Task } from '@holdfast/api/client';
import { newId } from '../new-id.ts';
import { fail } from './fail.ts';
import {
  findRecords,
  isCreate,
  listWrites,
  type Operation,
  type Row,
  taskWrites,
  type WritePath,
} from './operations.ts';
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

/** The part of an input that names its records. */
interface AnyInput {
  id?: string;
  ids?: string[];
  items?: AnyInput[];
  position?: string;
  description?: string | null;
}

const toDigit = (value: number) => String.fromCodePoint(value + (value < 10 ? 48 : value < 36 ? 55 : 61));

const toBase62 = (value: number, length: number): string =>
  length > 0 ? toBase62(Math.floor(value / 62), length - 1) + toDigit(value % 62) : '';

/**
 * A position at the end of a list, as the server makes them: the time with seven digits, then four random digits, of which the
 * last one is not 0. `share` is the place of a task among several that are created together, from 0 to 1.
 */
function createEndPosition(now: number, share = Math.random()): string {
  const random = Math.floor(share * 62 ** 3);
  return `g${toBase62(now, 7)}${toBase62(random, 3)}${toDigit(1 + Math.floor(Math.random() * 61))}`;
}

/** Adds the IDs and positions of new records. */
function complete(item: AnyInput, share?: number): AnyInput {
  const { id = newId(), position = createEndPosition(Date.now(), share) } = item;
  return { ...item, id, position };
}

/** A copy with all IDs in the form of the server. Inputs can be proxies of a UI library, which a browser cannot store. */
const normalize = (input: AnyInput) =>
  JSON.parse(JSON.stringify(input), (name, value: unknown) => {
    if (name === 'ids') return (value as string[]).map((id) => id.toLowerCase());
    return value && /^(id|listId|moveTo)$/.test(name) ? (value as string).toLowerCase() : value;
  }) as AnyInput;

export function createWrites({ state, add }: WriteOptions): { task: ReplicaTasks; list: ReplicaLists } {
  /** What the replica remembers about the records before the operation. */
  function remember(path: WritePath, { id, ids = [], description }: AnyInput): Partial<Operation> {
    const row = state.find(`${path.slice(0, 4)} ${id}`) as Task | undefined;
    if (path === 'task.reorder') {
      const places = ids.map((id) => (state.find(`task ${id}`) as Task).position).toSorted();
      return { positions: Object.fromEntries(ids.map((id, at) => [id, places[at]!])) };
    }
    if (path === 'list.restore') return { deletedAt: row?.deletedAt ?? null };
    return path === 'task.update' && description !== undefined ? { description: row!.description } : {};
  }

  /** @throws HoldfastError NOT_FOUND if the replica does not have these records. */
  function write(path: WritePath, original: AnyInput): Row | Row[] | undefined {
    const given = normalize(original);
    const id = newId();
    const { items } = given;
    const input = !isCreate({ path })
      ? { ...given, operationId: id }
      : items
        ? { items: items.map((item, at) => complete(item, (at + Math.random() / 2) / items.length)) }
        : complete(given);
    const op = { id, path, input, at: new Date().toISOString() } as Operation;
    const records = findRecords(op).changed;
    const missing = records.filter((record) => !state.find(record)).map((record) => record.slice(5));
    if (missing.length > 0 && /[.](up|de|reo)|^trash/.test(path)) {
      throw fail('NOT_FOUND', 'The replica has no such task or list. Check the ID.', missing);
    }
    add({ ...op, ...remember(path, input) } as Operation);
    const rows = records.map((record) => state.find(record)!);
    return (given.ids ?? items) ? rows : rows[0];
  }

  const toMethods = (area: string, names: string) =>
    Object.fromEntries(names.split(' ').map((name) => [name, write.bind(null, `${area}.${name}` as WritePath)]));

  return {
    task: {
      get: (id: string) => state.find(`task ${id}`),
      restore: write.bind(null, 'trash.restore'),
      renameLabel: write.bind(null, 'label.rename'),
      ...toMethods('task', taskWrites),
    } as unknown as ReplicaTasks,
    list: {
      get(id: string) {
        const list = state.find(`list ${id}`);
        return list?.deletedAt ? undefined : list;
      },
      ...toMethods('list', listWrites),
    } as unknown as ReplicaLists,
  };
}
