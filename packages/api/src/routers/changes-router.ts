import { listChanges } from '@holdfast/db';
import { changesOutput, listChangesInput } from '../changes-schema.ts';
import { router, userProcedure, withMessages } from '../trpc.ts';

export const changesRouter = router({
  list: userProcedure
    // The first pages of a copy read tasks and lists.
    .meta({ statements: 2 })
    .input(withMessages(listChangesInput))
    .output(withMessages(changesOutput))
    .query(({ ctx, input }) => listChanges(ctx.scope, { ...input, maxBytes: ctx.pageBytes })),
});
