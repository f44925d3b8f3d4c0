import { listChanges } from '@holdfast/db';
import { changesOutput, listChangesInput, watchChangesInput } from '../schemas/changes-schema.ts';
import { router, userProcedure, withMessages } from '../trpc.ts';
import { watchChanges } from './watch-changes.ts';

export const changesRouter = router({
  list: userProcedure
    // A copy reads tasks and lists, and may have to begin again.
    .meta({ statements: 4, returns: 'page' })
    .input(withMessages(listChangesInput))
    .output(withMessages(changesOutput))
    .query(({ ctx, input }) => listChanges(ctx.scope, { ...input, maxBytes: ctx.pageBytes })),
  // Each page of the stream is checked by the schema of the output. tRPC would check the stream itself.
  watch: userProcedure
    .meta({ statements: 4 })
    .input(withMessages(watchChangesInput))
    .subscription(({ ctx, input, signal }) => watchChanges({ ctx, input, signal })),
});
