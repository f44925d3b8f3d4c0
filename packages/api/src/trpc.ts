import { inOperation } from '@holdfast/operation';
import { initTRPC, TRPCError } from '@trpc/server';
import type { z } from 'zod';
import type { Context } from './context.ts';
import { formatError, toTRPCError } from './errors.ts';
import { formatIssue } from './issue-words.ts';

/** What every procedure declares. */
export interface Meta {
  /** Statements that one call may send, so that a loop over queries cannot slip in. */
  statements: number;
}

const t = initTRPC
  .context<Context>()
  .meta<Meta>()
  .create({
    // Never in development either: a stack shows what the server is made of.
    isDev: false,
    errorFormatter: formatError,
    defaultMeta: { statements: 1 },
  });

/** One step for all of it, since each costs every call a few microseconds. */
const asCaller = t.middleware(({ ctx, path, signal = null, meta, next }) =>
  inOperation({ name: path, signal }, async ({ cost }) => {
    const startedAt = performance.now();
    const { scope, onCall } = ctx;
    const result = scope === null ? null : await next({ ctx: { scope } });
    const error = result === null ? unauthorized() : result.ok ? null : toTRPCError(result.error);
    onCall?.({
      procedure: path,
      outcome: error?.code ?? 'OK',
      error,
      durationMs: performance.now() - startedAt,
      cost,
      isOverBudget: cost.statements > meta!.statements * (1 + cost.retries),
    });
    if (error !== null) throw error;
    return result!;
  }),
);

function unauthorized(): TRPCError {
  return new TRPCError({ code: 'UNAUTHORIZED', message: 'Sign in first: this call needs a token.' });
}

/**
 * A schema as procedures take it, with words of our own for what is wrong. tRPC would ask it by `parseAsync`, for which
 * zod leaves its compiled checks aside, at ten times the cost; nothing in ours has to be awaited.
 */
export function withMessages<Schema extends z.ZodType>(schema: Schema): Schema {
  const parse = (input: unknown) => schema.parse(input, { error: formatIssue });
  return Object.create(schema, { parseAsync: { value: undefined }, parse: { value: parse } }) as Schema;
}

export const router = t.router;
export const createCallerFactory = t.createCallerFactory;

/** A procedure for whoever is signed in; `ctx.scope` reaches their rows and nobody else's. */
export const userProcedure = t.procedure.use(asCaller);
