import { appRouter, type ErrorShape } from '@holdfast/api';
import { getTRPCErrorShape, type TRPCError } from '@trpc/server';

/** An error outside of procedures, in the format of failed procedures. */
export function toErrorShape(error: TRPCError): ErrorShape {
  return getTRPCErrorShape({
    config: appRouter._def._config,
    error,
    type: 'unknown',
    path: undefined,
    input: undefined,
    ctx: undefined,
  });
}
