import type { CreateTaskInput, OptionalContent, Repeatable, Task } from './wire.ts';

export type ManyTasks = {
  /** The tasks, in the order of the input. */
  items: Task[];
};

export type UpdatedTasks = ManyTasks & {
  /**
   * The tasks that the call has changed, as they were before. Only with `returnPrevious`, and not if an earlier call with the same
   * `operationId` made the changes.
   */
  previous?: Task[];
};

export type DeletedTasks = {
  /** UUIDs of the deleted tasks, each once. */
  ids: string[];
};

export interface CreateTasksInput {
  /**
   * 1 to 500 new tasks. Default positions are at the end of the list, in the order of the items. If each item has an `id`, you
   * can send the same call again: it returns the tasks as they are now. Other input with the same ids fails with CONFLICT.
   */
  items: CreateTaskInput[];
}

interface ManyInput extends Repeatable {
  /** UUIDs of 1 to 500 tasks. Repeated ids count once. If one is missing, nothing changes: see `data.ids` of the error. */
  ids: string[];
}

/** Omitted fields do not change. `task.reorder` sets positions. */
export interface TasksContent extends Omit<OptionalContent, 'position'> {
  /** 1 to 500 characters (Unicode code points), not all white space. White space at both ends is removed. */
  title?: string | undefined;
  /** Labels that each task gets unless it has them, in any case. Not together with `labels`. At most 20. */
  addLabels?: string[] | undefined;
  /** Labels that each task loses, in any case. Not together with `labels`. At most 20. */
  removeLabels?: string[] | undefined;
}

/**
 * Fails with BAD_REQUEST if the texts of the tasks have more than about 2,000,000 bytes, before or after the change, or their new
 * descriptions together more than 250,000.
 */
export interface UpdateTasksInput extends ManyInput {
  /** The values for all tasks. A task that already has them does not change. */
  set: TasksContent;
  /** Whether to return the former tasks as well, for example to undo the changes. Only for at most 100 tasks. Default: false. */
  returnPrevious?: boolean | undefined;
}

export interface DeleteTasksInput extends ManyInput {}

/** Fails with BAD_REQUEST if the texts of the tasks have more than about 2,000,000 bytes. */
export interface ReorderTasksInput extends ManyInput {
  /** UUID of the list, or null for the inbox. */
  listId: string | null;
  /**
   * UUIDs of 1 to 500 tasks of the list, in their new order. They take the places that they have now; all other tasks keep
   * theirs. Their new positions are short.
   */
  ids: string[];
}
