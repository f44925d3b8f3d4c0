import type { List, RouterInputs, Task, ValidationTree } from '@holdfast/api/client';
import type { ErrorCode } from '../errors.ts';
import { findTouchedRecords } from '../touched-records.ts';

/** The calls that a replica can make later. */
export type WritePath =
  | `task.${'create' | 'createMany' | 'update' | 'updateMany' | 'delete' | 'deleteMany' | 'reorder'}`
  | `list.${'create' | 'update' | 'delete' | 'restore'}`
  | 'trash.restore'
  | 'label.rename';

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

/** The records of an operation, each as kind and ID: those that it changes, and the lists that it needs. */
export const findRecords = ({ path, input }: Operation) =>
  findTouchedRecords({ path, input, type: 'mutation' } as Parameters<typeof findTouchedRecords>[0]);

/** True if the operation can change all tasks. */
export const isBroad = ({ path }: Operation) => /^label|^list\.(delete|restore)/.test(path);

/** True if the operation creates records with IDs of this device. */
export const isCreate = ({ path }: Pick<Operation, 'path'>) => path.includes('create');

/** Operations that are not stored yet come last. */
const toPlace = ({ order = Number.MAX_VALUE }: Operation) => order;

/** The IDs of operations increase with time, also if the clock is set back. */
export const inOrder = <Op extends Operation>(ops: Iterable<Op>): Op[] =>
  [...ops].sort((one, other) => toPlace(one) - toPlace(other) || (one.id < other.id ? -1 : 1));
