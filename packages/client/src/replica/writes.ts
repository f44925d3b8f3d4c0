import type { List, RouterInputs, Task } from '@holdfast/api/client';
import { newId } from '../new-id.ts';
import { fail } from './fail.ts';
import { findRecords, isCreate, type Operation, type Row, type WritePath, writePaths } from './operations.ts';
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
function createEndPosition(share = Math.random()): string {
  const random = Math.floor(share * 62 ** 3);
  return `g${toBase62(Date.now(), 7)}${toBase62(random, 3)}${toDigit(1 + Math.floor(Math.random() * 61))}`;
}

/** Adds the IDs and positions of new records. */
const complete = (item: AnyInput, share?: number): AnyInput => ({
  id: newId(),
  position: createEndPosition(share),
  ...item,
});

/** A copy with all IDs in the form of the server. Inputs can be proxies of a UI library, which a browser cannot store. */
const normalize = (input: AnyInput) =>
  JSON.parse(JSON.stringify(input), (name, value: unknown) =>
    /^(ids?|listId|moveTo)$/.test(name) ? JSON.parse(JSON.stringify(value).toLowerCase()) : value,
  ) as AnyInput;

/** What the replica remembers about the records before the operation. */
function remember(path: WritePath, { description }: AnyInput, rows: Row[]): Partial<Operation> {
  if (path === 'task.reorder') {
    const places = rows.map(({ position }) => position).sort();
    return { positions: Object.fromEntries(rows.map(({ id }, at) => [id, places[at]!])) };
  }
  const [row] = rows as (Task | undefined)[];
  if (path === 'list.restore') return { deletedAt: row?.deletedAt ?? null };
  return path === 'task.update' && description !== undefined ? { description: row!.description } : {};
}

export function createWrites({ state, add }: WriteOptions): { task: ReplicaTasks; list: ReplicaLists } {
  /** @throws HoldfastError NOT_FOUND if the replica does not have these records. */
  const createMethod = (path: WritePath) => (original: AnyInput) => {
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
    const findRows = () => records.map((record) => state.find(record)!);
    const before = findRows();
    const missing = records.filter((_record, at) => !before[at]).map((record) => record.slice(5));
    if (missing.length > 0 && /[.](up|de|reo)|^trash/.test(path)) {
      throw fail('NOT_FOUND', 'The replica has no such task or list. Check the ID.', missing);
    }
    add(Object.assign(op, remember(path, input, before)));
    const after = findRows();
    return (given.ids ?? items) ? after : after[0];
  };

  const toMethods = (area: string) =>
    Object.fromEntries(
      writePaths.filter((path) => path.startsWith(area)).map((path) => [path.slice(5), createMethod(path)]),
    );

  return {
    task: {
      get: (id: string) => state.find(`task ${id}`),
      restore: createMethod('trash.restore'),
      renameLabel: createMethod('label.rename'),
      ...toMethods('task'),
    } as unknown as ReplicaTasks,
    list: {
      get(id: string) {
        const list = state.find(`list ${id}`);
        return list?.deletedAt ? undefined : list;
      },
      ...toMethods('list'),
    } as unknown as ReplicaLists,
  };
}
