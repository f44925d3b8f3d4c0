import { getUser } from '@holdfast/db';
import { z } from 'zod';
import { router, userProcedure } from './trpc.ts';
import { userOutput } from './user-schema.ts';

export const userRouter = router({
  me: userProcedure
    .input(z.void())
    .output(userOutput)
    .query(({ ctx }) => getUser(ctx.scope)),
});
