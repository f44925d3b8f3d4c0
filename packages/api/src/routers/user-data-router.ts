import { eraseRecords, exportData, importData } from '@holdfast/db';
import { TRPCError } from '@trpc/server';
import { z } from 'zod';
import type { Account } from '../context.ts';
import {
  deletedUserOutput,
  deleteUserInput,
  exportDataInput,
  exportedDataOutput,
  importDataInput,
  importedDataOutput,
} from '../schemas/user-schema.ts';
import { userProcedure, withMessages } from '../trpc.ts';

/** The procedures of `user` for all data of the user. */
export const userDataProcedures = {
  export: userProcedure
    // The first pages read lists and tasks.
    .meta({ statements: 2, returns: 'page' })
    .input(withMessages(exportDataInput))
    .output(withMessages(exportedDataOutput))
    .query(({ ctx, input }) => exportData(ctx.scope, { cursor: input.cursor ?? undefined, maxBytes: ctx.pageBytes })),
  import: userProcedure
    .meta({ takesMany: true })
    .input(withMessages(importDataInput))
    .output(withMessages(importedDataOutput))
    .mutation(({ ctx, input: { lists = [], tasks = [] } }) => importData(ctx.scope, { lists, tasks })),
  delete: userProcedure
    // Reading the password takes 1, removing 10,000 tasks 3, 5,000 rows of the log 2, and removing the user 7.
    .meta({ statements: 500, needsSession: true })
    .input(withMessages(deleteUserInput))
    .output(withMessages(deletedUserOutput))
    .mutation(async ({ ctx, input }) => {
      const account = ctx.openAccount?.();
      if (account === undefined) {
        const message = 'A deletion needs a server. Call it over HTTP.';
        throw new TRPCError({ code: 'METHOD_NOT_SUPPORTED', message });
      }
      await assertConfirmed(account, input.password);
      await eraseRecords(ctx.scope);
      await account.erase();
      return {};
    }),
};

/** @throws TRPCError BAD_REQUEST, so that clients do not sign in again, and the field has a message. */
async function assertConfirmed(account: Account, password: string | undefined): Promise<void> {
  const confirmation = await account.confirm(password);
  if (confirmation === 'password missing') throw toRefusal('is missing. Send the password of the account.');
  if (confirmation === 'password wrong') throw toRefusal('is wrong. Check it and try again.');
  if (confirmation === 'confirmed') return;
  const message = 'Your sign-in is too old for a deletion. Sign in again.';
  throw new TRPCError({ code: 'FORBIDDEN', message });
}

function toRefusal(problem: string): TRPCError {
  const cause = new z.ZodRealError([{ code: 'custom', path: ['password'], message: problem, input: undefined }]);
  return new TRPCError({ code: 'BAD_REQUEST', message: `password: ${problem}`, cause });
}
