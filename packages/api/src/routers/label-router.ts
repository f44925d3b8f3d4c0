import { listLabels, renameLabel } from '@holdfast/db';
import { allLabelsOutput, listLabelsInput, renamedLabelOutput, renameLabelInput } from '../schemas/label-schema.ts';
import { router, withMessages, userProcedure } from '../trpc.ts';

export const labelRouter = router({
  list: userProcedure
    .meta({ returns: 'many' })
    .input(withMessages(listLabelsInput))
    .output(withMessages(allLabelsOutput))
    .query(({ ctx }) => listLabels(ctx.scope)),
  rename: userProcedure
    .input(withMessages(renameLabelInput))
    .output(withMessages(renamedLabelOutput))
    .mutation(({ ctx, input }) => renameLabel(ctx.scope, input)),
});
