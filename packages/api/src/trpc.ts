import { joinBatch, type UserScope } from '@holdfast/db';
import { inOperation } from '@holdfast/operation';
import { initTRPC, TRPCError } from '@trpc/server';
import type { z } from 'zod';
import type { Context } from './context.ts';
import { formatError, toTRPCError } from './errors.ts';
import { formatIssue } from './format-issue.ts';
import { hasLongArray } from './schemas/list-of.ts';

/** Declarations of a procedure. */
export interface Meta {
  /** Most SQL statements that one call may send. Default: 1 for a query, 3 for a mutation. Detects a query in a loop. */
  statements?: number;
  /** True if API tokens, which a script can lose, must not call the procedure. */
  needsSession?: boolean;
  /** True if one call can have hundreds of items, so that its input can fill the body of a request. */
  takesMany?: boolean;
  /** `page` if the response ends after `pageBytes`, `many` if it can have hundreds of items. Default: at most one record. */
  returns?: 'page' | 'many';
}

const t = initTRPC
  .context<Context>()
  .meta<Meta>()
  .create({
    // Development mode would send stack traces to clients.
    isDev: false,
    errorFormatter: formatError,
    // Proxies close connections that are silent for a minute. Clients connect again after three silent intervals.
    sse: { ping: { enabled: true, intervalMs: 15_000 }, client: { reconnectAfterInactivityMs: 45_000 } },
  });

// One middleware, because each costs a few microseconds per call.
const asCaller = t.middleware(({ ctx, type, path, signal = null, meta, next }) =>
  inOperation({ name: path, signal }, async ({ cost }) => {
    const startedAt = performance.now();
    const statementsMax = meta?.statements ?? (type === 'mutation' ? 3 : 1);
    const { scope, onCall } = ctx;
    const refusal = scope === null ? unauthorized() : findRefusal(ctx, type === 'mutation', meta);
    // tRPC starts the calls of a batch in order and synchronously, so the mutations join in this order.
    const leaveBatch = type === 'mutation' && refusal === null ? joinBatch(scope!) : undefined;
    const result = refusal === null ? await next({ ctx: { scope: scope! } }) : null;
    leaveBatch?.();
    const error = refusal ?? (result!.ok ? null : toTRPCError(result!.error));
    onCall?.({
      procedure: path,
      outcome: error?.code ?? 'OK',
      error,
      durationMs: performance.now() - startedAt,
      cost,
      isOverBudget: cost.statements > statementsMax * (1 + cost.retries),
    });
    if (error !== null) throw error;
    return result!;
  }),
);

/** Why an API token must not make a call. Null if it may. */
function findRefusal({ tokenScope }: Context, isMutation: boolean, meta: Meta | undefined): TRPCError | null {
  if (tokenScope === undefined) return null;
  if (meta?.needsSession) return forbidden('API tokens cannot make this call. Sign in first.');
  if (tokenScope === 'write' || !isMutation) return null;
  return forbidden('This token can only read. Use one with the scope write.');
}

const forbidden = (message: string) => new TRPCError({ code: 'FORBIDDEN', message });

function unauthorized(): TRPCError {
  return new TRPCError({ code: 'UNAUTHORIZED', message: 'This call needs a token. Sign in first.' });
}

/**
 * A schema with the messages of `formatIssue`. It hides `parseAsync`, which tRPC would prefer: zod does not use its
 * compiled checks there, which costs ten times as much. Only `arrayOf` checks asynchronously.
 */
export function withMessages<Schema extends z.ZodType>(schema: Schema): Schema {
  const options = { error: formatIssue };
  const parse = (value: unknown) =>
    hasLongArray(value) ? schema.parseAsync(value, options) : schema.parse(value, options);
  return Object.create(schema, { parseAsync: { value: undefined }, parse: { value: parse } }) as Schema;
}

export const router = t.router;
export const createCallerFactory = t.createCallerFactory;

/** A procedure for signed-in users. `ctx.scope` reaches only the rows of the caller. */
export const userProcedure = t.procedure.use(asCaller);

/** The large reads of each request that are running, by procedure and input. */
const largeReads = new WeakMap<UserScope, Map<string, Promise<unknown>>>();

/** For queries with hundreds of items. Equal calls of a batch run once, and have the same result object. */
export const largeReadProcedure = userProcedure
  .meta({ returns: 'many' })
  .use(async ({ ctx: { scope }, path, getRawInput, next }) => {
    const key = `${path} ${JSON.stringify(await getRawInput())}`;
    const running = largeReads.get(scope) ?? new Map<string, Promise<unknown>>();
    largeReads.set(scope, running);
    let read = running.get(key) as ReturnType<typeof next> | undefined;
    if (read === undefined) running.set(key, (read = next().finally(() => running.delete(key))));
    return read;
  });
