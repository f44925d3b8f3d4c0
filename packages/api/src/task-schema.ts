import { isStorableText } from '@holdfast/db';
import { z } from 'zod';
import type {
  CreateTaskInput,
  DeletedTask,
  DeleteTaskInput,
  GetTaskInput,
  ListTasksInput,
  Task,
  TaskPage,
  UpdateTaskInput,
} from './wire.ts';

/** `unknown` if both types allow the same fields, else `never`. */
type Same<One, Other> = [One, Required<One>, Other, Required<Other>] extends [
  Other,
  Required<Other>,
  One,
  Required<One>,
]
  ? unknown
  : never;

/**
 * Names the input type of a schema, so that an editor shows the docs of that type.
 * Does not compile if the schema and the type differ.
 */
const accepts =
  <Input>() =>
  <Parsed, Derived>(schema: z.ZodType<Parsed, Derived> & Same<Input, Derived>) =>
    schema as z.ZodType<Parsed, Input>;

/** Counts code points, as PostgreSQL does, so that an emoji is one character. */
function hasAtMost(max: number) {
  return (text: string) => text.length <= max || (text.length <= 2 * max && countCharacters(text) <= max);
}

/** Needs no array of them. Each character beyond U+FFFF has a low surrogate. Lone surrogates are refused. */
function countCharacters(text: string): number {
  let count = 0;
  for (let at = 0; at < text.length; at += 1) if ((text.charCodeAt(at) & 0xfc00) !== 0xdc00) count += 1;
  return count;
}

const text = z.string().refine(isStorableText, 'must not contain NUL or lone surrogates');

const content = {
  title: text
    .trim()
    // Some PostgreSQL servers treat U+0085 as white space. JavaScript does not.
    .regex(/[^\s\u0085]/, 'must not be blank')
    .refine(hasAtMost(500), 'must have at most 500 characters'),
  description: text.refine(hasAtMost(10_000), 'must have at most 10,000 characters').nullable(),
  completed: z.boolean(),
};
const optionalContent = z.object(content).partial().shape;
const id = z.guid('must be a UUID');
const ifVersion = z.int().optional();

export const createTaskInput = accepts<CreateTaskInput>()(
  z.strictObject({ id: id.optional(), ...optionalContent, title: content.title }),
);

export const listTasksInput = accepts<ListTasksInput | undefined>()(
  z
    .strictObject({
      limit: z.int().min(1).max(200).default(50),
      cursor: z.string().max(200).nullish(),
      direction: z.literal('forward').optional(),
      completed: z.boolean().optional(),
      order: z.enum(['newest', 'oldest']).default('newest'),
    })
    .prefault({}),
);

export const getTaskInput = accepts<GetTaskInput>()(z.strictObject({ id }));

export const updateTaskInput = accepts<UpdateTaskInput>()(z.strictObject({ id, ...optionalContent, ifVersion }));

export const deleteTaskInput = accepts<DeleteTaskInput>()(z.strictObject({ id, ifVersion }));

// Output schemas check shapes only. The database guarantees UUIDs and times, and a check of each would cost more than
// the rest of the work on a page.
export const taskOutput: z.ZodType<Task, Task> = z.object({
  id: z.string(),
  title: z.string(),
  description: z.string().nullable(),
  completed: z.boolean(),
  completedAt: z.string().nullable(),
  createdAt: z.string(),
  updatedAt: z.string(),
  version: z.number(),
});

export const taskPageOutput: z.ZodType<TaskPage, TaskPage> = z.object({
  items: z.array(taskOutput),
  nextCursor: z.string().nullable(),
});

export const deletedTaskOutput: z.ZodType<DeletedTask, DeletedTask> = z.object({ id: z.string() });
