import { isStorableText } from '@holdfast/db';
import {
  findDueProblem,
  findDuplicateLabel,
  isPosition,
  maxPositionLength,
  resolveTimeZone,
} from '@holdfast/task-values';
import { z } from 'zod';
import type {
  CountTasksInput,
  CreateTaskInput,
  DeletedTask,
  DeleteTaskInput,
  GetTaskInput,
  ListTasksInput,
  Task,
  TaskCount,
  TaskPage,
  UpdateTaskInput,
} from '../wire.ts';
import { arrayOf, listOf } from './list-of.ts';

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
export const accepts =
  <Input>() =>
  <Parsed, Derived>(schema: z.ZodType<Parsed, Derived> & Same<Input, Derived>) =>
    schema as z.ZodType<Parsed, Input>;

/** Counts code points, as PostgreSQL does, so that an emoji is one character. */
function hasAtMost(max: number) {
  return (text: string) => text.length <= max || (text.length <= 2 * max && countCharacters(text) <= max);
}

/**
 * A text of limited length. The description of the API has the limit too. No further check runs on a longer text: to compare texts
 * that begin with many marks, Unicode sorts the marks, which takes the square of their number.
 */
export function atMost(schema: z.ZodString, max: number): z.ZodString {
  return schema
    .refine(hasAtMost(max), { error: `must have at most ${max.toLocaleString('en')} characters`, abort: true })
    .meta({ maxLength: max });
}

/** Needs no array of them. Each character beyond U+FFFF has a low surrogate. Lone surrogates are refused. */
function countCharacters(text: string): number {
  let count = 0;
  for (let at = 0; at < text.length; at += 1) if ((text.charCodeAt(at) & 0xfc00) !== 0xdc00) count += 1;
  return count;
}

export const text = z.string().refine(isStorableText, 'must not contain NUL or lone surrogates');

const dateText = z.string().meta({ format: 'date' });
const timeText = z.string().meta({ pattern: String.raw`^([01]\d|2[0-3]):[0-5]\d$`, examples: ['09:00'] });
const zoneText = z.string().meta({ examples: ['Europe/Berlin'] });

const due = z
  .strictObject({ date: dateText, time: timeText.optional(), timeZone: zoneText.optional() })
  .superRefine((value, context) => {
    const problem = findDueProblem(value);
    if (problem !== null) context.addIssue({ code: 'custom', message: problem });
  })
  .transform(({ date, time, timeZone }) => ({
    date,
    ...(time !== undefined && { time }),
    ...(timeZone !== undefined && { timeZone: resolveTimeZone(timeZone)! }),
  }));

/** Removes white space at both ends. Some PostgreSQL servers treat U+0085 as white space. JavaScript does not. */
export const notBlank = (schema: z.ZodString) => schema.trim().regex(/[^\s\x85]/, 'must not be blank');

export const label = atMost(notBlank(text), 50);

function refuseDuplicates(labels: string[], context: z.core.$RefinementCtx): void {
  if (findDuplicateLabel(labels) !== null) context.addIssue({ code: 'custom', message: 'must not repeat a label' });
}

export const position = z
  .string()
  .max(maxPositionLength, {
    error: `must have at most ${maxPositionLength} characters; shorten it with task.reorder`,
    abort: true,
  })
  .refine(isPosition, 'must be a key of fractional-indexing');
export const labels = listOf(label, { max: 20, error: 'must have at most 20 labels' }).superRefine(refuseDuplicates);

export const content = {
  title: atMost(notBlank(text), 500),
  description: atMost(text, 10_000).nullable(),
  completed: z.boolean(),
  listId: z.guid('must be a UUID').nullable(),
  due: due.nullable(),
  priority: z.literal([0, 1, 2, 3]),
  labels,
  position,
};
export const optionalContent = z.object(content).partial().shape;
export const id = z.guid('must be a UUID');
export const ifVersion = z.int().optional();
export const operationId = id.optional();

export const createTaskInput = accepts<CreateTaskInput>()(
  z.strictObject({ id: id.optional(), ...optionalContent, title: content.title }),
);

const date = dateText.superRefine((value, context) => {
  const problem = findDueProblem({ date: value });
  if (problem !== null) context.addIssue({ code: 'custom', message: problem });
});

export const time = z.iso
  .datetime({ offset: true, error: 'The time is malformed. Use ISO 8601, such as 2026-05-31T09:00:00Z.' })
  .refine(isInRange, 'must be from the year 1 to the year 9999')
  .transform((value) => new Date(value).toISOString());

/** Years of four digits, except 0000. Malformed texts have another message. */
function isInRange(text: string): boolean {
  const parsed = new Date(text);
  return Number.isNaN(parsed.getTime()) || /^(?!0000)\d{4}-/.test(parsed.toISOString());
}

const filter = {
  completed: z.boolean().optional(),
  listId: content.listId.optional(),
  label: label.optional(),
  priority: content.priority.optional(),
  due: z
    .strictObject({ from: date.optional(), until: date.optional(), none: z.literal(true).optional() })
    .refine(
      ({ from, until, none }) => none === undefined || (from === undefined && until === undefined),
      'Tasks without a date are in no range. Remove none, or from and until.',
    )
    .optional(),
  search: atMost(text, 500).optional(),
  updatedAfter: time.optional(),
  completedAfter: time.optional(),
};

export const listTasksInput = accepts<ListTasksInput | undefined>()(
  z
    .strictObject({
      limit: z.int().min(1).max(200).default(50),
      // The longest cursor holds 100 characters of a title.
      cursor: z.string().max(1000).nullish(),
      direction: z.literal('forward').optional(),
      ...filter,
      order: z
        .enum(['newest', 'oldest', 'position', 'due', 'completed', 'updated', 'priority', 'title'])
        .default('newest'),
    })
    .prefault({}),
);

export const countTasksInput = accepts<CountTasksInput | undefined>()(z.strictObject(filter).prefault({}));

export const getTaskInput = accepts<GetTaskInput>()(z.strictObject({ id }));

export const updateTaskInput = accepts<UpdateTaskInput>()(
  z.strictObject({ id, ...optionalContent, ifVersion, operationId }),
);

export const deleteTaskInput = accepts<DeleteTaskInput>()(z.strictObject({ id, ifVersion, operationId }));

// Formats in `meta` are for the description of the API.
export const idOutput = z.string().meta({ format: 'uuid' });
export const timeOutput = z.string().meta({ format: 'date-time' });
export const versionOutput = z.number().meta({ type: 'integer', minimum: 1 });
export const countOutput = z.number().meta({ type: 'integer', minimum: 0 });

// Output schemas check shapes only. The database guarantees UUIDs and times, and a check of each would cost more than
// the rest of the work on a page.
export const taskOutput: z.ZodType<Task, Task> = z.object({
  id: idOutput,
  title: z.string(),
  description: z.string().nullable(),
  completed: z.boolean(),
  completedAt: timeOutput.nullable(),
  createdAt: timeOutput,
  updatedAt: timeOutput,
  version: versionOutput,
  listId: idOutput.nullable(),
  due: z.object({ date: dateText, time: timeText.exactOptional(), timeZone: zoneText.exactOptional() }).nullable(),
  priority: z.literal([0, 1, 2, 3]),
  labels: z.array(z.string()),
  position: z.string(),
  deletedAt: timeOutput.nullable(),
});

export const tasksOutput = arrayOf(taskOutput);

export const taskPageOutput: z.ZodType<TaskPage, TaskPage> = z.object({
  items: tasksOutput,
  nextCursor: z.string().nullable(),
});

export const taskCountOutput: z.ZodType<TaskCount, TaskCount> = z.object({ count: countOutput });

export const deletedTaskOutput: z.ZodType<DeletedTask, DeletedTask> = z.object({ id: idOutput });
