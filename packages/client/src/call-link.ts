import type { AppRouter } from '@holdfast/api/client';
import type { Operation, OperationResultEnvelope, TRPCClientError, TRPCLink } from '@trpc/client';
import { observable, type Observable } from '@trpc/server/observable';
import { v7 } from 'uuid';
import { areOfDifferentUsers } from './claims.ts';
import type { Credentials } from './credentials.ts';
import { createDeadline, orAborted, sleep } from './ending.ts';
import { Failure } from './errors.ts';
import type { RetryPolicy } from './rounds.ts';
import { toFailure } from './to-failure.ts';

const triesMax = 5;

/** Where another try may find a better moment. */
const passing = new Set(['NETWORK', 'SERVICE_UNAVAILABLE', 'BAD_GATEWAY', 'GATEWAY_TIMEOUT', 'TOO_MANY_REQUESTS']);

export interface CallLinkOptions {
  credentials: Credentials;
  rounds: RetryPolicy;
  /** How long a call may take with all that is repeated. */
  deadlineMs: number;
}

/** One try of a call. */
export interface Try {
  /** For whom the call is made. */
  holder: number;
  token: string | null;
  /** Whether it has been handed on to be sent; from there on it may be on its way. */
  isSent: boolean;
}

type Answer = OperationResultEnvelope<unknown, TRPCClientError<AppRouter>>;
type Send = (op: Operation) => Observable<Answer, TRPCClientError<AppRouter>>;

/** Sees a call through: its id, its token, its deadline, what is repeated and what must not be. */
export function createCallLink(options: CallLinkOptions): TRPCLink<AppRouter> {
  return () =>
    ({ op, next }) =>
      observable((observer) => {
        const ending = createDeadline(options.deadlineMs, op.signal);
        async function run(): Promise<void> {
          try {
            observer.next(await seeThrough(options, { op, send: next, signal: ending.signal }));
            observer.complete();
          } catch (error) {
            observer.error(error as Failure);
          } finally {
            ending.release();
          }
        }
        void run();
        return () => ending.end();
      });
}

async function seeThrough(
  options: CallLinkOptions,
  { op: given, send, signal }: { op: Operation; send: Send; signal: AbortSignal },
): Promise<Answer> {
  const { credentials, rounds } = options;
  const op = withTaskId(given);
  const isRead = op.type === 'query';
  const endsAt = Date.now() + options.deadlineMs;
  const holder = credentials.holder();
  let isRetryable = true;
  let isRenewed = false;
  let firstToken: string | null = null;

  /** How long to wait for the next try; null when there must be none. */
  function pauseAfter(failure: Failure, { isSent, token }: Try, tries: number): number | null {
    if (failure.code === 'UNAUTHORIZED' && isSent && token !== null && !isRenewed) {
      isRenewed = true;
      credentials.refuse(token);
      return 0;
    }
    const isSafe = isRead || op.path === 'task.create' || failure.isRetryable;
    if (!isSafe || !passing.has(failure.code) || tries >= triesMax) return null;
    const pauseMs = rounds.pause(tries, failure.retryAfterMs);
    return pauseMs !== null && Date.now() + pauseMs < endsAt ? pauseMs : null;
  }

  async function tryOnce(own: Try): Promise<Answer> {
    assertHolder(credentials, holder);
    own.token = await orAborted(() => credentials.get(), signal);
    assertHolder(credentials, holder);
    firstToken ??= own.token;
    if (areOfDifferentUsers(firstToken, own.token)) throw toOthersCall();
    own.isSent = true;
    const answer = await receive(send({ ...op, signal: null, context: { ...op.context, [tryKey]: own } }), signal);
    rounds.recordSuccess();
    return answer;
  }

  for (let tries = 1; ; tries += 1) {
    const own: Try = { holder, token: null, isSent: false };
    try {
      return await tryOnce(own);
    } catch (error) {
      const failure = toFailure(error as Failure, { isRead, isSent: own.isSent });
      // Nobody else makes a task with an id that was made here: an earlier try has, and it has been changed since.
      const isOwnId = op !== given;
      if (failure.code === 'CONFLICT' && !isRetryable && isOwnId) return { result: { data: failure.current } };
      isRetryable &&= failure.isRetryable;
      const pauseMs = pauseAfter(failure, own, tries);
      if (pauseMs === null) throw failure.withOutcome(isRetryable);
      await sleep(pauseMs, signal).catch((reason: Failure) => {
        throw reason.withOutcome(isRetryable);
      });
    }
  }
}

/** A task has its id before the first try, so that the server knows it again in the second. */
function withTaskId(op: Operation): Operation {
  const { path, input } = op;
  if (path !== 'task.create' || typeof input !== 'object' || input === null) return op;
  return (input as { id?: string }).id === undefined ? { ...op, input: { ...input, id: v7() } } : op;
}

/** What one user has asked for is never done for the next one. */
function assertHolder(credentials: Credentials, holder: number): void {
  if (credentials.holder() === holder) return;
  throw toOthersCall();
}

function toOthersCall(): Failure {
  const message = 'Somebody has signed in or out while this call was waiting to be sent.';
  return new Failure({ code: 'UNAUTHORIZED', message, isRetryable: true });
}

function receive(answers: ReturnType<Send>, signal: AbortSignal): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const subscription = answers.subscribe({ next: resolve, error: reject });
    const stop = () => {
      subscription.unsubscribe();
      reject(signal.reason as Failure);
    };
    if (signal.aborted) return stop();
    signal.addEventListener('abort', stop, { once: true });
  });
}

const tryKey = 'holdfast';

/** The headers of a request that carries these operations. */
export function toHeaders(operations: Operation[]): Record<string, string> {
  const tries = operations.map(({ context }) => context[tryKey] as Try);
  const last = tries.at(-1)!;
  const isMixed = tries.some(({ holder, token }) => holder !== last.holder || areOfDifferentUsers(token, last.token));
  if (isMixed) throw toOthersCall();
  for (const one of tries) one.token = last.token;
  return last.token === null ? {} : { authorization: `Bearer ${last.token}` };
}
