import { initTRPC, TRPCError } from '@trpc/server';
import type { Context } from './context.ts';
import { formatError, toTRPCError } from './errors.ts';

const t = initTRPC.context<Context>().create({
  // Never in development either: a stack shows what the server is made of.
  isDev: false,
  errorFormatter: formatError,
});

/** One step for both, since each costs every call a few microseconds. */
const asCaller = t.middleware(async ({ ctx, next }) => {
  const { scope } = ctx;
  if (scope === null) throw new TRPCError({ code: 'UNAUTHORIZED', message: 'Sign in first: this call needs a token.' });
  const result = await next({ ctx: { scope } });
  if (!result.ok) throw toTRPCError(result.error);
  return result;
});

export const router = t.router;
export const createCallerFactory = t.createCallerFactory;

/** A procedure for whoever is signed in; `ctx.scope` reaches their rows and nobody else's. */
export const userProcedure = t.procedure.use(asCaller);
