import { v5 } from 'uuid';
import { z } from 'zod';
import { batchOf, due, ids, labels, listId, operationId, priority } from './arguments.ts';
import { toChanges, toShortList, toShortTasks } from './short-form.ts';
import { defineTool } from './tool.ts';

const newTask = z.strictObject({
  title: z.string(),
  description: z.string().optional(),
  listId: listId.optional(),
  due: due.optional(),
  priority: priority.optional(),
  labels: labels.optional(),
});

const plan = {
  due: due.nullable().optional().describe('When the tasks are due. Null removes the date.'),
  priority: priority.optional(),
  addLabels: labels.optional().describe('Labels that each task gets.'),
  removeLabels: labels.optional().describe('Labels that each task loses.'),
};

const previous = 'The result has the previous values of the fields that changed. Set them again to undo the call.';

/**
 * No tool changes a title or a description, or removes a task for good, so that a mistake of an assistant loses no text. The trash
 * restores deleted tasks, and the results of the other tools have the values that they overwrite.
 */
export const writeTools = [
  defineTool({
    name: 'add_tasks',
    title: 'Add tasks',
    description: 'Creates tasks. If one of them is not valid, no task is created.',
    effect: 'adds',
    isIdempotent: false,
    input: z.strictObject({
      items: batchOf(newTask).describe('The new tasks.'),
      operationId,
    }),
    run: async (calls, { items, operationId }) => {
      // The ID of a new task is the key of its creation, so a repeated call needs the same IDs.
      const toId = (at: number) => (operationId === undefined ? {} : { id: v5(String(at), operationId) });
      return toShortTasks(await calls.task.createMany({ items: items.map((item, at) => ({ ...toId(at), ...item })) }));
    },
  }),
  defineTool({
    name: 'add_list',
    title: 'Add a list',
    description: 'Creates a list for tasks. See find_lists first, to avoid a second list of the same name.',
    effect: 'adds',
    isIdempotent: false,
    input: z.strictObject({ name: z.string(), color: z.string().optional(), operationId }),
    run: async (calls, { operationId: id, ...list }) => ({
      list: toShortList(await calls.list.create({ ...list, id })),
    }),
  }),
  defineTool({
    name: 'update_tasks',
    title: 'Plan tasks',
    description: `Sets the due date, the priority or the labels of tasks. All given tasks get the same values. Fields that you leave out do not change. ${previous}`,
    effect: 'changes',
    isIdempotent: true,
    input: z
      .strictObject({ ids, ...plan, operationId })
      .refine((given) => Object.keys(plan).some((name) => given[name as keyof typeof plan] !== undefined), {
        error: `must have one of ${Object.keys(plan).join(', ')}`,
      }),
    run: async (calls, { ids, operationId, ...set }) =>
      toChanges(await calls.task.updateMany({ ids, set, returnPrevious: true, operationId })),
  }),
  defineTool({
    name: 'complete_tasks',
    title: 'Complete tasks',
    description: `Marks tasks as done, or opens them again. ${previous}`,
    effect: 'changes',
    isIdempotent: true,
    input: z.strictObject({
      ids,
      completed: z.boolean().default(true).describe('False opens the tasks again.'),
      operationId,
    }),
    run: async (calls, { ids, completed, operationId }) =>
      toChanges(await calls.task.updateMany({ ids, set: { completed }, returnPrevious: true, operationId })),
  }),
  defineTool({
    name: 'move_tasks',
    title: 'Move tasks',
    description: `Moves tasks to another list or to the inbox. ${previous}`,
    effect: 'changes',
    isIdempotent: true,
    input: z.strictObject({ ids, listId, operationId }),
    run: async (calls, { ids, listId, operationId }) =>
      toChanges(await calls.task.updateMany({ ids, set: { listId }, returnPrevious: true, operationId })),
  }),
  defineTool({
    name: 'delete_tasks',
    title: 'Delete tasks',
    description: 'Moves tasks to the trash. restore_tasks takes them back.',
    effect: 'changes',
    isIdempotent: true,
    input: z.strictObject({ ids, operationId }),
    run: async (calls, input) => ({ deletedIds: (await calls.task.deleteMany(input)).ids }),
  }),
  defineTool({
    name: 'restore_tasks',
    title: 'Restore tasks',
    description: 'Moves tasks from the trash back to their lists.',
    effect: 'adds',
    isIdempotent: true,
    input: z.strictObject({ ids, operationId }),
    run: async (calls, input) => toShortTasks(await calls.trash.restore(input)),
  }),
];
