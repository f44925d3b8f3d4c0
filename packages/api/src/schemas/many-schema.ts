import { findDuplicateLabel } from '@holdfast/task-values';
import { z } from 'zod';
import type {
  CreateTasksInput,
  DeletedTasks,
  DeleteTasksInput,
  ManyTasks,
  ReorderTasksInput,
  UpdatedTasks,
  UpdateTasksInput,
} from '../many-wire.ts';
import { arrayOf, listOf } from './list-of.ts';
import {
  accepts,
  createTaskInput,
  id,
  idOutput,
  labels,
  operationId,
  optionalContent,
  tasksOutput,
} from './task-schema.ts';

const empty = 'must not be empty';
const most = { max: 500, error: 'must have at most 500 items; send several calls' };

const ids = listOf(id, most).min(1, empty);

export const createTasksInput = accepts<CreateTasksInput>()(
  z.strictObject({
    items: listOf(createTaskInput, most)
      .min(1, empty)
      .superRefine((items, context) => {
        const given = items.flatMap((item) => (item.id === undefined ? [] : [item.id.toLowerCase()]));
        if (new Set(given).size < given.length) context.addIssue({ code: 'custom', message: 'must not repeat an id' });
      }),
  }),
);

const { position: _, ...setContent } = optionalContent;

const noPosition = {
  error: (issue: z.core.$ZodRawIssue) =>
    issue.code === 'unrecognized_keys' && issue.keys.includes('position')
      ? 'must not have position; use task.reorder'
      : undefined,
};

const set = z
  .strictObject({ ...setContent, addLabels: labels.optional(), removeLabels: labels.optional() }, noPosition)
  .superRefine(({ labels, addLabels = [], removeLabels = [] }, context) => {
    if (labels !== undefined && addLabels.length + removeLabels.length > 0) {
      const message = 'must not be together with addLabels or removeLabels';
      context.addIssue({ code: 'custom', path: ['labels'], message });
    }
    const isAdded = (label: string) => addLabels.some((added) => findDuplicateLabel([added, label]) !== null);
    if (removeLabels.some(isAdded)) {
      const message = 'must not have a label of addLabels';
      context.addIssue({ code: 'custom', path: ['removeLabels'], message });
    }
  });

/** The former tasks are read before their size is checked. */
const previousMax = 100;

export const updateTasksInput = accepts<UpdateTasksInput>()(
  z
    .strictObject({ ids, set, returnPrevious: z.boolean().optional(), operationId })
    .refine(({ ids, returnPrevious = false }) => !returnPrevious || ids.length <= previousMax, {
      path: ['ids'],
      message: `must have at most ${previousMax} items with returnPrevious`,
    }),
);

export const deleteTasksInput = accepts<DeleteTasksInput>()(z.strictObject({ ids, operationId }));

export const reorderTasksInput = accepts<ReorderTasksInput>()(
  z.strictObject({ listId: id.nullable(), ids, operationId }),
);

export const manyTasksOutput: z.ZodType<ManyTasks, ManyTasks> = z.object({ items: tasksOutput });

export const updatedTasksOutput: z.ZodType<UpdatedTasks, UpdatedTasks> = z.object({
  items: tasksOutput,
  previous: tasksOutput.exactOptional(),
});

export const deletedTasksOutput: z.ZodType<DeletedTasks, DeletedTasks> = z.object({ ids: arrayOf(idOutput) });
