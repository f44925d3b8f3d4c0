import { createList, deleteList, listLists, restoreList, updateList } from '@holdfast/db';
import {
  allListsOutput,
  createListInput,
  deletedListOutput,
  deleteListInput,
  listListsInput,
  listOutput,
  restoreListInput,
  updateListInput,
} from '../schemas/list-schema.ts';
import { largeReadProcedure, router, userProcedure, withMessages } from '../trpc.ts';

export const listRouter = router({
  create: userProcedure
    .input(withMessages(createListInput))
    .output(withMessages(listOutput))
    .mutation(({ ctx, input }) => createList(ctx.scope, input)),
  list: largeReadProcedure
    .input(withMessages(listListsInput))
    .output(withMessages(allListsOutput))
    .query(({ ctx }) => listLists(ctx.scope)),
  update: userProcedure
    .input(withMessages(updateListInput))
    .output(withMessages(listOutput))
    .mutation(({ ctx, input }) => updateList(ctx.scope, input)),
  delete: userProcedure
    .input(withMessages(deleteListInput))
    .output(withMessages(deletedListOutput))
    .mutation(({ ctx, input }) => deleteList(ctx.scope, input)),
  restore: userProcedure
    .input(withMessages(restoreListInput))
    .output(withMessages(listOutput))
    .mutation(({ ctx, input }) => restoreList(ctx.scope, input)),
});
