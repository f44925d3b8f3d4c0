import type {
  inferRouterInputs,
  inferRouterOutputs,
  TRPCBuiltRouter,
  TRPCMutationProcedure,
  TRPCQueryProcedure,
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
 * Keeps of a router what goes over the wire: no context, and with it no type of the database. The type that a function
 * gives is written out in the declarations, so this one stands without those of the server; an alias would not be.
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
            : never;
      };
    }
  >;
}

const clientRouter = toClientRouter(appRouter);

/** What a typed client is made of. */
export type AppRouter = typeof clientRouter;
/** What goes into each procedure. */
export type RouterInputs = inferRouterInputs<AppRouter>;
/** What comes out of each procedure. */
export type RouterOutputs = inferRouterOutputs<AppRouter>;

export type { ErrorData, ErrorShape, Task, ValidationTree } from './wire.ts';
