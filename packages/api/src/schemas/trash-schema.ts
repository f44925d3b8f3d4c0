import { z } from 'zod';
import type { ListTrashInput, PurgedTasks, PurgeTrashInput, RestoredTasks, RestoreTrashInput } from '../trash-wire.ts';
import { listOf } from './list-of.ts';
import { accepts, countOutput, id, operationId, tasksOutput } from './task-schema.ts';

const ids = listOf(id, { max: 500, error: 'must have at most 500 IDs' }).min(1, 'must have at least 1 ID');

const time = z.iso
  .datetime('must be a time in UTC such as 2026-01-31T09:30:00.000Z')
  // PostgreSQL has no year 0.
  .refine((text) => !text.startsWith('0000'), 'must be in the year 1 or later');

export const listTrashInput = accepts<ListTrashInput | undefined>()(
  z
    .strictObject({
      limit: z.int().min(1).max(200).default(50),
      cursor: z.string().max(200).nullish(),
      direction: z.literal('forward').optional(),
    })
    .prefault({}),
);

export const restoreTrashInput = accepts<RestoreTrashInput>()(z.strictObject({ ids, operationId }));

export const purgeTrashInput = accepts<PurgeTrashInput>()(
  z
    .strictObject({ ids: ids.optional(), before: time.optional() })
    .refine(
      ({ ids, before }) => (ids === undefined) !== (before === undefined),
      'must have either ids or before, and not both',
    ),
);

export const restoredTasksOutput: z.ZodType<RestoredTasks, RestoredTasks> = z.object({ items: tasksOutput });

export const purgedTasksOutput: z.ZodType<PurgedTasks, PurgedTasks> = z.object({ count: countOutput });
