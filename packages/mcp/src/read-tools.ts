import { z } from 'zod';
import { cursor, id, limit, listId, priority } from './arguments.ts';
import { toShortList, toShortPage } from './short-form.ts';
import { defineTool } from './tool.ts';

/** `undefined` is no condition. */
const states = { open: false, completed: true, all: undefined } as const;

export const readTools = [
  defineTool({
    name: 'find_tasks',
    title: 'Find tasks',
    description:
      'Finds tasks by words, list, label, priority and due date. Returns a short form: a description is cut after 200 characters, and fields without a value are left out. If nextCursor is not null, there are more tasks.',
    effect: 'reads',
    isIdempotent: true,
    input: z.strictObject({
      search: z
        .string()
        .optional()
        .describe('Words, or parts of words, in the title, the description or the labels, in any order.'),
      state: z.enum(['open', 'completed', 'all']).default('open'),
      listId: listId.optional(),
      label: z.string().optional(),
      priority: priority.optional(),
      due: z
        .strictObject({
          from: z.string().optional().describe('First date, YYYY-MM-DD.'),
          until: z
            .string()
            .optional()
            .describe('Last date, YYYY-MM-DD. The date of today finds tasks that are due today or overdue.'),
          none: z.literal(true).optional().describe('Only tasks without a date. Not with from or until.'),
        })
        .optional(),
      order: z
        .enum(['newest', 'oldest', 'position', 'due', 'completed', 'updated', 'priority', 'title'])
        .default('newest'),
      limit,
      cursor,
    }),
    run: async (calls, { state, ...filter }) =>
      toShortPage(await calls.task.list({ ...filter, completed: states[state] })),
  }),
  defineTool({
    name: 'get_task',
    title: 'Read a task',
    description: 'Returns all fields of a task, with its whole description.',
    effect: 'reads',
    isIdempotent: true,
    input: z.strictObject({ id }),
    run: async (calls, input) => ({ task: await calls.task.get(input) }),
  }),
  defineTool({
    name: 'find_lists',
    title: 'Find lists',
    description: 'Returns all lists of the user. A task without a list is in the inbox.',
    effect: 'reads',
    isIdempotent: true,
    input: z.strictObject({}),
    run: async (calls) => ({ lists: (await calls.list.list()).items.map(toShortList) }),
  }),
  defineTool({
    name: 'find_trash',
    title: 'Find deleted tasks',
    description: 'Finds the tasks in the trash, the latest deletion first. restore_tasks takes them back.',
    effect: 'reads',
    isIdempotent: true,
    input: z.strictObject({ limit, cursor }),
    run: async (calls, input) => toShortPage(await calls.trash.list(input)),
  }),
];
