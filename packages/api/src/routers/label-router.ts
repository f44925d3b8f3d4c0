import { listLabels, renameLabel } from '@holdfast/db';
import { allLabelsOutput, listLabelsInput, renamedLabelOutput, renameLabelInput } from '../schemas/label-schema.ts';
import { largeReadProcedure, router, userProcedure, withMessages } from '../trpc.ts';

export const labelRouter = router({
  list: largeReadProcedure
    .input(withMessages(listLabelsInput))
    .output(withMessages(allLabelsOutput))
    .query(({ ctx }) => listLabels(ctx.scope)),
  rename: userProcedure
    .input(withMessages(renameLabelInput))
    .output(withMessages(renamedLabelOutput))
    .mutation(({ ctx, input }) => renameLabel(ctx.scope, input)),
});
