import { getUser } from '@holdfast/db';
import { z } from 'zod';
import { router, withMessages, userProcedure } from './trpc.ts';
import { userOutput } from './user-schema.ts';

export const userRouter = router({
  me: userProcedure
    // Asked again where another call makes the user's row at this very moment.
    .meta({ statements: 2 })
    .input(withMessages(z.void()))
    .output(withMessages(userOutput))
    .query(({ ctx }) => getUser(ctx.scope)),
});
