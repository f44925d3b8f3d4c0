import type {
  inferRouterInputs,
  inferRouterOutputs,
  TRPCBuiltRouter,
  TRPCMutationProcedure,
  TRPCQueryProcedure,
  TRPCSubscriptionProcedure,
} from '@trpc/server';
import { appRouter } from './index.ts';
import type { ErrorShape } from './wire.ts';

interface Root {
  ctx: object;
  meta: object;
  errorShape: ErrorShape;
  transformer: false;
}

/**
 * Reduces a router's type to inputs and outputs, without its context and the database types in it. It is a function,
 * because TypeScript writes the return type in full into the declarations. A type alias would refer to the server.
 */
function toClientRouter<Routers extends object>(router: { _def: { record: Routers } }) {
  return router as unknown as TRPCBuiltRouter<
    Root,
    {
      [Name in keyof Routers]: {
        [Procedure in keyof Routers[Name]]: Routers[Name][Procedure] extends TRPCQueryProcedure<infer Definition>
          ? TRPCQueryProcedure<{ input: Definition['input']; output: Definition['output']; meta: object }>
          : Routers[Name][Procedure] extends TRPCMutationProcedure<infer Definition>
            ? TRPCMutationProcedure<{ input: Definition['input']; output: Definition['output']; meta: object }>
            : Routers[Name][Procedure] extends TRPCSubscriptionProcedure<infer Definition>
              ? TRPCSubscriptionProcedure<{ input: Definition['input']; output: Definition['output']; meta: object }>
              : never;
      };
    }
  >;
}

const clientRouter = toClientRouter(appRouter);

/** Type of the API, for a typed client. */
export type AppRouter = typeof clientRouter;
/** Input of each procedure: `RouterInputs['task']['create']`. */
export type RouterInputs = inferRouterInputs<AppRouter>;
/** Output of each procedure: `RouterOutputs['task']['list']`. */
export type RouterOutputs = inferRouterOutputs<AppRouter>;

export type { CalendarFeed, CreatedCalendarFeed, RevokedCalendarFeed } from './calendar-wire.ts';
export type { Changes, ListChangesInput, RemovedRecord, WatchChangesInput } from './changes-wire.ts';
export type { AllLabels, Label, RenamedLabel, RenameLabelInput } from './label-wire.ts';
export type {
  DeletedUser,
  DeleteUserInput,
  ExportDataInput,
  ExportedData,
  ExportedList,
  ImportDataInput,
  ImportedData,
  ImportListInput,
  ImportTaskInput,
  RecordReference,
} from './user-data-wire.ts';
export type { ListTrashInput, PurgedTasks, PurgeTrashInput, RestoredTasks, RestoreTrashInput } from './trash-wire.ts';
export type {
  AllLists,
  CreateListInput,
  DeletedList,
  DeleteListInput,
  List,
  RestoreListInput,
  UpdateListInput,
} from './list-wire.ts';
export type {
  CreateTasksInput,
  DeletedTasks,
  DeleteTasksInput,
  ManyTasks,
  ReorderTasksInput,
  TasksContent,
  UpdatedTasks,
  UpdateTasksInput,
} from './many-wire.ts';
export type {
  CountTasksInput,
  CreateTaskInput,
  DeletedTask,
  DeleteTaskInput,
  Due,
  DueFilter,
  DueInput,
  ErrorData,
  ErrorShape,
  GetTaskInput,
  ListTasksInput,
  Task,
  TaskCount,
  TaskFilter,
  TaskPage,
  UpdateTaskInput,
  UpdateUserInput,
  User,
  ValidationTree,
} from './wire.ts';
