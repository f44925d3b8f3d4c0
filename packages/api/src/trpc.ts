import { initTRPC, TRPCError } from '@trpc/server';
import type { Context } from './context.ts';
import { formatError, toTRPCError } from './errors.ts';

const t = initTRPC.context<Context>().create({
  // Never in development either: a stack shows what the server is made of.
  isDev: false,
  errorFormatter: formatError,
});

const translateErrors = t.middleware(async ({ next }) => {
  const result = await next();
  if (!result.ok) throw toTRPCError(result.error);
  return result;
});

const requireCaller = t.middleware(({ ctx, next }) => {
  if (ctx.caller === null) {
    throw new TRPCError({ code: 'UNAUTHORIZED', message: 'Sign in first: this call needs a token.' });
  }
  const scope = ctx.db.asUser(ctx.caller.userId, ctx.caller.profile);
  return next({ ctx: { scope } });
});

export const router = t.router;
export const createCallerFactory = t.createCallerFactory;

/** A procedure for whoever is signed in; `ctx.scope` reaches their rows and nobody else's. */
export const userProcedure = t.procedure.use(translateErrors).use(requireCaller);
