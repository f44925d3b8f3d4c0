import type { inferRouterInputs, inferRouterOutputs } from '@trpc/server';
import { calendarRouter } from './routers/calendar-router.ts';
import { changesRouter } from './routers/changes-router.ts';
import { labelRouter } from './routers/label-router.ts';
import { listRouter } from './routers/list-router.ts';
import { taskRouter } from './routers/task-router.ts';
import { trashRouter } from './routers/trash-router.ts';
import { userRouter } from './routers/user-router.ts';
import { createCallerFactory, router } from './trpc.ts';

export const appRouter = router({
  task: taskRouter,
  list: listRouter,
  label: labelRouter,
  trash: trashRouter,
  user: userRouter,
  changes: changesRouter,
  calendar: calendarRouter,
});

/** Type of the API, for a typed client. */
export type AppRouter = typeof appRouter;
/** Input of each procedure: `RouterInputs['task']['create']`. */
export type RouterInputs = inferRouterInputs<AppRouter>;
/** Output of each procedure: `RouterOutputs['task']['list']`. */
export type RouterOutputs = inferRouterOutputs<AppRouter>;

/** Calls procedures without HTTP: `createCaller(context).task.list()`. */
export const createCaller = createCallerFactory(appRouter);

export {
  type Account,
  type Confirmation,
  type Caller,
  type CallReport,
  type ChangeStream,
  type Context,
  type ContextOptions,
  createContext,
  type OpenStream,
} from './context.ts';
export { hasRetryAfter, toTRPCError } from './errors.ts';
export type { ErrorData, ErrorShape, ValidationTree } from './wire.ts';
