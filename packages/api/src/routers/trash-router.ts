import { listTrash, purgeTasks, restoreTasks, type TaskPurge } from '@holdfast/db';
import { taskPageOutput } from '../schemas/task-schema.ts';
import {
  listTrashInput,
  purgedTasksOutput,
  purgeTrashInput,
  restoredTasksOutput,
  restoreTrashInput,
} from '../schemas/trash-schema.ts';
import { router, userProcedure, withMessages } from '../trpc.ts';

export const trashRouter = router({
  list: userProcedure
    .meta({ returns: 'page' })
    .input(withMessages(listTrashInput))
    .output(withMessages(taskPageOutput))
    .query(({ ctx, input }) =>
      listTrash(ctx.scope, { ...input, cursor: input.cursor ?? undefined, maxBytes: ctx.pageBytes }),
    ),
  restore: userProcedure
    .meta({ takesMany: true, returns: 'many' })
    .input(withMessages(restoreTrashInput))
    .output(withMessages(restoredTasksOutput))
    .mutation(async ({ ctx, input }) => ({ items: await restoreTasks(ctx.scope, input) })),
  purge: userProcedure
    .meta({ takesMany: true })
    .input(withMessages(purgeTrashInput))
    .output(withMessages(purgedTasksOutput))
    // The schema accepts exactly one of the two forms.
    .mutation(({ ctx, input }) => purgeTasks(ctx.scope, input as TaskPurge)),
});
