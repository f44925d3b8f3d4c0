import { isStorableText } from '@holdfast/db';
import { z } from 'zod';
import type { Task } from './wire.ts';

/** Counts code points, as PostgreSQL does, so that an emoji is one character. */
function hasAtMost(max: number) {
  return (text: string) => text.length <= max || (text.length <= 2 * max && Array.from(text).length <= max);
}

const text = z.string().refine(isStorableText, 'must not contain NUL or lone surrogates');

const title = text
  .trim()
  // U+0085 is white space to some PostgreSQL servers and not to JavaScript: a title of it alone is blank to all.
  .regex(/[^\s\u0085]/, 'must not be blank')
  .refine(hasAtMost(500), 'must have at most 500 characters');

const description = text.refine(hasAtMost(10_000), 'must have at most 10,000 characters').nullable();

const id = z.guid('must be a UUID');
const ifVersion = z.int();

export const createTaskInput = z.strictObject({
  id: id.optional(),
  title,
  description: description.optional(),
  completed: z.boolean().optional(),
});

export const listTasksInput = z
  .strictObject({
    limit: z.int().min(1).max(200).default(50),
    cursor: z.string().max(200).optional(),
    completed: z.boolean().optional(),
    order: z.enum(['newest', 'oldest']).default('newest'),
  })
  .prefault({});

export const getTaskInput = z.strictObject({ id });

export const updateTaskInput = z.strictObject({
  id,
  title: title.optional(),
  description: description.optional(),
  completed: z.boolean().optional(),
  ifVersion: ifVersion.optional(),
});

export const deleteTaskInput = z.strictObject({ id, ifVersion: ifVersion.optional() });

// What goes out is checked for its shape only: that ids are UUIDs and times are times is the database's doing, and
// checking it here would cost a page more than everything else that is done with it.
export const taskOutput = z.object({
  id: z.string(),
  title: z.string(),
  description: z.string().nullable(),
  completed: z.boolean(),
  completedAt: z.string().nullable(),
  createdAt: z.string(),
  updatedAt: z.string(),
  version: z.number(),
}) satisfies z.ZodType<Task>;

export const taskPageOutput = z.object({
  items: z.array(taskOutput),
  nextCursor: z.string().nullable(),
});

export const deletedTaskOutput = z.object({ id: z.string() });
