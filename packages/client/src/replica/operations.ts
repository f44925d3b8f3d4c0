import type { List, RouterInputs, Task, ValidationTree } from '@holdfast/api/client';
import type { ErrorCode } from '../errors.ts';
import { findTouchedRecords, type TouchedRecords } from '../touched-records.ts';

/** The calls that a replica can make later. */
export const writePaths = [
  'task.create',
  'task.createMany',
  'task.update',
  'task.updateMany',
  'task.delete',
  'task.deleteMany',
  'task.reorder',
  'list.create',
  'list.update',
  'list.delete',
  'list.restore',
  'trash.restore',
  'label.rename',
] as const;

export type WritePath = (typeof writePaths)[number];

type InputOf<Path extends WritePath> = Path extends `${infer Area extends keyof RouterInputs}.${infer Name}`
  ? Name extends keyof RouterInputs[Area]
    ? RouterInputs[Area][Name]
    : never
  : never;

/** Why the server refused a write. */
export interface Refusal {
  /** Code of the error. TOO_OLD: the write waited for more than 60 days and was not sent. */
  code: ErrorCode | 'TOO_OLD';
  /** Text of the error, for people. */
  message: string;
  /** Problems of the input, if the code is BAD_REQUEST. */
  validation?: ValidationTree | null | undefined;
  /** IDs of missing tasks, or of tasks with too many labels. */
  ids?: readonly string[] | undefined;
  /** The descriptions, if this write and another device changed the description of a task. */
  conflict?: {
    /** The text that the user edited. */
    base: string | null;
    /** The text of this write. */
    mine: string | null;
    /** The text of the other device. */
    theirs: string | null;
    /** The task of the server. */
    task: Task;
  };
}

interface OperationOf<Path extends WritePath> {
  /** UUID of this write on this device. */
  id: string;
  /** Name of the call. */
  path: Path;
  /** Input of the call. */
  input: InputOf<Path>;
  /** Time of the write by the clock of this device, ISO 8601 in UTC. */
  at: string;
  /** Place in the outbox. Absent until the write is stored. */
  order?: number;
  /** `task.reorder`: the position of each task until the server responds. */
  positions?: Record<string, string>;
  /** `list.restore`: the time at which the list was deleted. */
  deletedAt?: string | null;
  /** `task.update` of a description: the description before. */
  description?: string | null;
  /** Set if the server refused the write, or if the app has to decide about it. */
  refusal?: Refusal;
}

/** A write in the outbox. */
export type Operation = { [Path in WritePath]: OperationOf<Path> }[WritePath];

/** A write that the server refused. It remains visible in the tasks and lists until the app decides. */
export type RefusedWrite = Operation & { refusal: Refusal };

/** A list with a mark that it is in the trash. */
export type StoredList = List & { deletedAt?: string | null };

/** A task or a list. */
export type Row = Task | StoredList;

const known = new WeakMap<Operation, TouchedRecords>();

/** The records of an operation, each as kind and ID: those that it changes, and the lists that it needs. */
export function findRecords(op: Operation): TouchedRecords {
  const records = known.get(op) ?? findTouchedRecords({ ...op, type: 'mutation' } as never);
  known.set(op, records);
  return records;
}

/** True if the operation can change all tasks. */
export const isBroad = ({ path }: Operation) => /^label|^list\.(delete|restore)/.test(path);

/** True if the operation creates records with IDs of this device. */
export const isCreate = ({ path }: Pick<Operation, 'path'>) => path.includes('create');

/**
 * Operations that are not stored yet come last, in the order of their IDs. These increase with time, also if the clock is set
 * back.
 */
export const compare = (one: Operation, other: Operation): number =>
  (one.order ?? Infinity) - (other.order ?? Infinity) || (one.id < other.id ? -1 : 1);

export const inOrder = <Op extends Operation>(ops: Iterable<Op>): Op[] => [...ops].sort(compare);

/** The fields that the inputs of the operations can have. */
interface AnyInput extends Partial<Task> {
  items?: AnyInput[];
  set?: AnyInput;
  addLabels?: string[];
  removeLabels?: string[];
  archived?: boolean;
  moveTo?: string | null;
  from?: string;
  to?: string;
  ifVersion?: number;
  operationId?: string;
}

const fold = (label: string) => label.normalize('NFC').toLowerCase();
const has = (labels: readonly string[], label: string) => labels.some((other) => fold(label) === fold(other));

const newTask: Partial<Task> = {
  description: null,
  completed: false,
  completedAt: null,
  listId: null,
  due: null,
  priority: 0,
  labels: [],
  deletedAt: null,
};
const newList: Partial<List> = { color: null, archivedAt: null };

function change(row: Partial<Row>, set: AnyInput, at: string): Row {
  const { addLabels = [], removeLabels = [], archived, ifVersion: _, operationId: __, ...fields } = set;
  const next = { ...row, ...fields, updatedAt: at } as Task & StoredList;
  if (next.completed !== (row as Task).completed) next.completedAt = next.completed ? at : null;
  if (archived !== undefined) next.archivedAt = archived ? (next.archivedAt ?? at) : null;
  if (set.addLabels ?? set.removeLabels) {
    const kept = next.labels.filter((label) => !has(removeLabels, label));
    next.labels = [...kept, ...addLabels.filter((label) => !has(kept, label))];
  }
  return next;
}

/** The effect of an operation on the tasks of a list or with a label. */
function applyToOther(task: Task, { path, deletedAt, at }: Operation, { id, moveTo, from, to }: AnyInput): Task {
  if (path === 'label.rename') {
    if (!has(task.labels, from!)) return task;
    const labels = [...new Set(task.labels.map((label) => (has([from!, to!], label) ? to! : label)))];
    return labels.join('\n') === task.labels.join('\n') ? task : { ...task, labels };
  }
  if (task.listId !== id) return task;
  if (path === 'list.restore' && task.deletedAt === deletedAt) return { ...task, deletedAt: null };
  if (path !== 'list.delete' || task.deletedAt) return task;
  return moveTo === undefined ? { ...task, deletedAt: at } : { ...task, listId: moveTo };
}

/** The record after an operation, without other effects. Undefined for a record that does not exist. */
export function apply(row: Row | undefined, op: Operation, record: string): Row | undefined {
  const [kind, id] = record.split(' ') as [string, string];
  const { path, at, input, positions } = op as Operation & { input: AnyInput };
  const isOwn = path.startsWith('trash') || (path.startsWith(kind) && (input.id ?? id) === id);
  if (!isOwn) return row && kind === 'task' ? applyToOther(row as Task, op, input) : row;
  if (isCreate(op)) {
    const empty = { ...(kind === 'task' ? newTask : newList), createdAt: at, version: 0 };
    return row ?? change(empty, input.items?.find((item) => item.id === id) ?? input, at);
  }
  if (!row) return row;
  if (path.includes('update')) return change(row, input.set ?? input, at);
  if (path === 'task.reorder') return { ...row, position: positions?.[id] ?? row.position };
  const deletedAt = path.endsWith('restore') ? null : (row.deletedAt ?? at);
  return deletedAt === row.deletedAt ? row : { ...row, deletedAt };
}
