import type { RouterInputs, Task, ValidationTree } from '@holdfast/api/client';
import type { ErrorCode } from '../errors.ts';

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
  validation?: ValidationTree | null;
  /** IDs of missing tasks, or of tasks with too many labels. */
  ids?: string[];
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
  /** `reorder`: the position of each task. Only for display. */
  positions?: Record<string, string>;
  /** `list.restore`: the time at which the list was deleted. Only for display. */
  deletedAt?: string | null;
  /** `task.update` with a description: the description before. */
  description?: string | null;
  /** Set if the server refused the write, or the app has to decide about it. */
  refusal?: Refusal;
}

/** A write in the outbox. */
export type Operation = { [Path in WritePath]: OperationOf<Path> }[WritePath];

/** A write that the server refused. It remains visible in the tasks and lists until the app decides. */
export type RefusedWrite = Operation & { refusal: Refusal };

/** The records of an operation, each as kind and ID. */
export interface Touched {
  tasks: readonly string[];
  lists: readonly string[];
  /** Lists that must exist before the operation. */
  needed: readonly string[];
  /** True if the operation can also change all other tasks. */
  isBroad: boolean;
}

const given = (...ids: (string | null | undefined)[]) => ids.filter((id) => typeof id === 'string');

export function findTouched({ path, input }: Operation): Touched {
  const touched = { tasks: [] as string[], lists: [] as string[], needed: [] as string[], isBroad: false };
  switch (path) {
    case 'task.create':
    case 'task.update':
      return { ...touched, tasks: given(input.id), needed: given(input.listId) };
    case 'task.createMany':
      return {
        ...touched,
        tasks: given(...input.items.map(({ id }) => id)),
        needed: given(...input.items.map(({ listId }) => listId)),
      };
    case 'task.delete':
      return { ...touched, tasks: [input.id] };
    case 'task.updateMany':
      return { ...touched, tasks: input.ids, needed: given(input.set.listId) };
    case 'task.deleteMany':
    case 'trash.restore':
      return { ...touched, tasks: input.ids };
    case 'task.reorder':
      return { ...touched, tasks: input.ids, needed: given(input.listId) };
    case 'list.create':
    case 'list.update':
      return { ...touched, lists: given(input.id) };
    case 'list.delete':
      return { ...touched, lists: [input.id], needed: given(input.moveTo), isBroad: true };
    case 'list.restore':
      return { ...touched, lists: [input.id], isBroad: true };
    case 'label.rename':
      return { ...touched, isBroad: true };
  }
}
