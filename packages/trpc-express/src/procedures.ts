import type { AnyTRPCProcedure, AnyTRPCRouter, TRPCProcedureType } from '@trpc/server';

/** What a procedure is called with; tRPC keeps this type to itself. */
export interface CallOptions {
  path: string;
  getRawInput: () => Promise<unknown>;
  ctx: unknown;
  type: TRPCProcedureType;
  signal: AbortSignal;
  batchIndex: number;
}

/**
 * The procedures at these paths, null unless all of them are there already and of this type: a lazy router appears only
 * when it has been loaded. tRPC has no public way to look a procedure up, so this reads the router's `_def`.
 */
export function findProcedures(
  router: AnyTRPCRouter,
  paths: string[],
  type: TRPCProcedureType,
): AnyTRPCProcedure[] | null {
  const known = router._def.procedures as Record<string, AnyTRPCProcedure | undefined>;
  const found: AnyTRPCProcedure[] = [];
  for (const path of paths) {
    const procedure = known[path];
    if (procedure?._def.type !== type) return null;
    found.push(procedure);
  }
  return found;
}

/** Calls a procedure. `callTRPCProcedure` would look it up a second time. */
export function callProcedure(procedure: AnyTRPCProcedure, options: CallOptions): Promise<unknown> {
  return (procedure as unknown as (options: CallOptions) => Promise<unknown>)(options);
}
