import { z } from 'zod';
import type { Changes, ListChangesInput, WatchChangesInput } from '../changes-wire.ts';
import { listOutput } from './list-schema.ts';
import { accepts, idOutput, taskOutput } from './task-schema.ts';

const cursor = z.string().max(200).optional();

export const watchChangesInput = accepts<WatchChangesInput | undefined>()(
  z.strictObject({ since: cursor, lastEventId: cursor }).prefault({}),
);

export const listChangesInput = accepts<ListChangesInput | undefined>()(
  z.strictObject({ since: cursor, limit: z.int().min(1).max(1000).default(500) }).prefault({}),
);

export const changesOutput: z.ZodType<Changes, Changes> = z.object({
  tasks: z.array(taskOutput),
  lists: z.array(listOutput),
  removed: z.array(z.object({ kind: z.enum(['task', 'list']), id: idOutput })),
  cursor: z.string().nullable(),
  hasMore: z.boolean(),
  isReset: z.boolean(),
});
