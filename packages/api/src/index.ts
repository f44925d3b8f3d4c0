import type { inferRouterInputs, inferRouterOutputs } from '@trpc/server';
import { taskRouter } from './task-router.ts';
import { createCallerFactory, router } from './trpc.ts';
import { userRouter } from './user-router.ts';

export const appRouter = router({ task: taskRouter, user: userRouter });

/** What a typed client is made of. */
export type AppRouter = typeof appRouter;
/** What goes into each procedure. */
export type RouterInputs = inferRouterInputs<AppRouter>;
/** What comes out of each procedure. */
export type RouterOutputs = inferRouterOutputs<AppRouter>;

/** Calls the procedures without HTTP: `createCaller(context)`. */
export const createCaller = createCallerFactory(appRouter);

export { type Caller, type CallReport, type Context, type ContextOptions, createContext } from './context.ts';
export { hasRetryAfter, toTRPCError } from './errors.ts';
export type { ErrorData, ErrorShape, ValidationTree } from './wire.ts';
