import { z } from 'zod';

/** Tasks of one page. More would fill the memory of an assistant. */
const pageMax = 50;

/** Tasks of one write. A mistake of an assistant then has limited effect. */
const batchMax = 100;

/** The items of one write. */
export const batchOf = <Item extends z.ZodType>(item: Item) =>
  z.array(item).min(1, 'must not be empty').max(batchMax, `must have at most ${batchMax} items; send several calls`);

const uuid = z.guid('must be a UUID');

export const id = uuid.describe('ID of a task.');

export const ids = batchOf(uuid).describe('IDs of tasks. If one of them is missing, no task changes.');

export const listId = uuid.nullable().describe('ID of a list, from find_lists. Null is the inbox.');

export const priority = z.literal([0, 1, 2, 3]).describe('0 none, 1 low, 2 medium, 3 high.');

export const labels = z.array(z.string()).max(20, 'must have at most 20 labels');

export const due = z
  .strictObject({
    date: z.string().describe('YYYY-MM-DD, a date that exists.'),
    time: z.string().optional().describe('HH:MM. Default: the whole day.'),
    timeZone: z
      .string()
      .optional()
      .describe('IANA name, such as Europe/Berlin. Only with a time. Default: the zone of the user.'),
  })
  .describe('When the task is due.');

export const operationId = uuid
  .optional()
  .describe(
    'A new UUID for this call. If you did not get a response, send the same call with the same UUID again: it is applied once.',
  );

export const cursor = z
  .string()
  .max(1000)
  .optional()
  .describe('nextCursor of the previous page, with the same filter.');

export const limit = z.int().min(1).max(pageMax).default(20).describe(`Tasks per page, from 1 to ${pageMax}.`);
