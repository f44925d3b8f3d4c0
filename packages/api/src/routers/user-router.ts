import { getUser, updateUser } from '@holdfast/db';
import { z } from 'zod';
import { updateUserInput, userOutput } from '../schemas/user-schema.ts';
import { router, withMessages, userProcedure } from '../trpc.ts';
import { userDataProcedures } from './user-data-router.ts';

export const userRouter = router({
  me: userProcedure
    // The second statement runs if another call creates the user's row at the same time.
    .meta({ statements: 2 })
    .input(withMessages(z.void()))
    .output(withMessages(userOutput))
    .query(({ ctx }) => getUser(ctx.scope)),
  update: userProcedure
    .input(withMessages(updateUserInput))
    .output(withMessages(userOutput))
    .mutation(({ ctx, input }) => updateUser(ctx.scope, input)),
  ...userDataProcedures,
});
