import type { AppRouter } from '@holdfast/api/client';
import type { Operation, OperationResultEnvelope, TRPCClientError, TRPCLink } from '@trpc/client';
import { observable, type Observable } from '@trpc/server/observable';
import { v7 } from 'uuid';
import { areOfDifferentUsers } from './claims.ts';
import { createDeadline, orAborted, sleep } from './deadline.ts';
import { HoldfastError, withOutcome } from './errors.ts';
import type { RetryPolicy } from './retry-policy.ts';
import { toHoldfastError } from './to-error.ts';
import type { TokenSource } from './token-source.ts';

const attemptsMax = 5;

/** Codes of failures that can pass. */
const transientCodes = new Set([
  'NETWORK',
  'SERVICE_UNAVAILABLE',
  'BAD_GATEWAY',
  'GATEWAY_TIMEOUT',
  'TOO_MANY_REQUESTS',
]);

export interface CallLinkOptions {
  tokens: TokenSource;
  retryPolicy: RetryPolicy;
  /** Time limit of a call, with all retries, in milliseconds. */
  deadlineMs: number;
}

/** One attempt of a call. */
export interface Attempt {
  /** Generation of the token source when the call started. */
  generation: number;
  token: string | null;
  /** True once the request may have left for the server. */
  isSent: boolean;
}

type CallResult = OperationResultEnvelope<unknown, TRPCClientError<AppRouter>>;
type Send = (op: Operation) => Observable<CallResult, TRPCClientError<AppRouter>>;

/** Adds the task ID, token, deadline and retries to each call. */
export function createCallLink(options: CallLinkOptions): TRPCLink<AppRouter> {
  return () =>
    ({ op, next }) =>
      observable((observer) => {
        const deadline = createDeadline(options.deadlineMs, op.signal);
        async function run(): Promise<void> {
          try {
            observer.next(await callWithRetries(options, { op, send: next, signal: deadline.signal }));
            observer.complete();
          } catch (error) {
            observer.error(error as TRPCClientError<AppRouter>);
          } finally {
            deadline.release();
          }
        }
        void run();
        return () => deadline.abort();
      });
}

async function callWithRetries(
  options: CallLinkOptions,
  { op: given, send, signal }: { op: Operation; send: Send; signal: AbortSignal },
): Promise<CallResult> {
  const { tokens, retryPolicy } = options;
  const op = withTaskId(given);
  const isRead = op.type === 'query';
  const endsAt = Date.now() + options.deadlineMs;
  const generation = tokens.generation();
  let isRetryable = true;
  let isRenewed = false;
  let firstToken: string | null = null;

  /** Milliseconds until the next attempt. Null if there must be no further attempt. */
  function pauseAfter(error: HoldfastError, { isSent, token }: Attempt, attempts: number): number | null {
    if (error.code === 'UNAUTHORIZED' && isSent && token !== null && !isRenewed) {
      isRenewed = true;
      tokens.refuse(token);
      return 0;
    }
    const isSafe = isRead || op.path === 'task.create' || error.isRetryable;
    if (!isSafe || !transientCodes.has(error.code) || attempts >= attemptsMax) return null;
    const pauseMs = retryPolicy.pause(attempts, error.retryAfterMs);
    return pauseMs !== null && Date.now() + pauseMs < endsAt ? pauseMs : null;
  }

  async function callOnce(attempt: Attempt): Promise<CallResult> {
    assertSameUser(tokens, generation);
    attempt.token = await orAborted(() => tokens.get(), signal);
    assertSameUser(tokens, generation);
    firstToken ??= attempt.token;
    if (areOfDifferentUsers(firstToken, attempt.token)) throw userChanged();
    attempt.isSent = true;
    const context = { ...op.context, [attemptKey]: attempt };
    const result = await receive(send({ ...op, signal: null, context }), signal);
    retryPolicy.recordSuccess();
    return result;
  }

  for (let attempts = 1; ; attempts += 1) {
    const attempt: Attempt = { generation, token: null, isSent: false };
    try {
      return await callOnce(attempt);
    } catch (cause) {
      const error = toHoldfastError(cause as TRPCClientError<AppRouter>, { isRead, isSent: attempt.isSent });
      // Only this call can have created a task with an ID from this client. Another user or device changed it since.
      const isOwnId = op !== given;
      if (error.code === 'CONFLICT' && !isRetryable && isOwnId) return { result: { data: error.current } };
      isRetryable &&= error.isRetryable;
      const pauseMs = pauseAfter(error, attempt, attempts);
      if (pauseMs === null) throw withOutcome(error, isRetryable);
      await sleep(pauseMs, signal).catch((reason: HoldfastError) => {
        throw withOutcome(reason, isRetryable);
      });
    }
  }
}

/** Sets the ID of a new task before the first attempt, so that the server recognizes a second attempt. */
function withTaskId(op: Operation): Operation {
  const { path, input } = op;
  if (path !== 'task.create' || typeof input !== 'object' || input === null) return op;
  return (input as { id?: string }).id === undefined ? { ...op, input: { ...input, id: v7() } } : op;
}

/** @throws HoldfastError if a user signed in or out after the call started. */
function assertSameUser(tokens: TokenSource, generation: number): void {
  if (tokens.generation() !== generation) throw userChanged();
}

function userChanged(): HoldfastError {
  const message = 'A user signed in or out before the call was sent. Start the call again.';
  return new HoldfastError({ code: 'UNAUTHORIZED', message, isRetryable: true });
}

function receive(results: ReturnType<Send>, signal: AbortSignal): Promise<CallResult> {
  return new Promise((resolve, reject) => {
    const subscription = results.subscribe({ next: resolve, error: reject });
    const stop = () => {
      subscription.unsubscribe();
      reject(signal.reason as Error);
    };
    if (signal.aborted) return stop();
    signal.addEventListener('abort', stop, { once: true });
  });
}

const attemptKey = 'holdfast';

/** The headers of one request for these operations. */
export function toHeaders(operations: Operation[]): Record<string, string> {
  const attempts = operations.map(({ context }) => context[attemptKey] as Attempt);
  const last = attempts.at(-1)!;
  const isMixed = attempts.some(
    ({ generation, token }) => generation !== last.generation || areOfDifferentUsers(token, last.token),
  );
  if (isMixed) throw userChanged();
  for (const attempt of attempts) attempt.token = last.token;
  return last.token === null ? {} : { authorization: `Bearer ${last.token}` };
}
