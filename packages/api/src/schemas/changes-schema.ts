import { z } from 'zod';
import type { Changes, ListChangesInput, WatchChangesInput } from '../changes-wire.ts';
import { arrayOf } from './list-of.ts';
import { listsOutput } from './list-schema.ts';
import { accepts, idOutput, tasksOutput } from './task-schema.ts';

const cursor = z.string().max(200).optional();

export const watchChangesInput = accepts<WatchChangesInput | undefined>()(
  z.strictObject({ since: cursor, lastEventId: cursor }).prefault({}),
);

export const listChangesInput = accepts<ListChangesInput | undefined>()(
  z.strictObject({ since: cursor, limit: z.int().min(1).max(1000).default(500) }).prefault({}),
);

export const changesOutput: z.ZodType<Changes, Changes> = z.object({
  tasks: tasksOutput,
  lists: listsOutput,
  removed: arrayOf(z.object({ kind: z.enum(['task', 'list']), id: idOutput })),
  cursor: z.string().nullable(),
  hasMore: z.boolean(),
  isReset: z.boolean(),
});
