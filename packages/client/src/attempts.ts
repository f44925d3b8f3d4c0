import type { AppRouter, Task } from '@holdfast/api/client';
import { type Operation, TRPCClientError } from '@trpc/client';
import type { Observable } from '@trpc/server/observable';
import { orAborted, sleep } from './deadline.ts';
import { HoldfastError, isHoldfastError, withOutcome } from './errors.ts';
import type { SendAtOnce } from './keepalive.ts';
import type { Network } from './network.ts';
import { hasEffect, isConditional } from './outcome.ts';
import type { RetryPolicy } from './retry-policy.ts';
import { areOfDifferentUsers } from './session/claims.ts';
import type { TokenSource } from './session/token-source.ts';
import { toHoldfastError } from './to-error.ts';
import { isRepeatable } from './with-ids.ts';
import type { Caller, CallResult, Write, WriteOrder } from './write-order.ts';

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
  order: WriteOrder;
  network: Network;
  sendAtOnce: SendAtOnce;
  /** Time limit of a call, with all retries, in milliseconds. */
  deadlineMs: number;
}

export interface Call {
  op: Operation;
  caller: Caller;
  /** True if this client generated the ID of the call. */
  isOwnId: boolean;
  send: (op: Operation) => Observable<CallResult, TRPCClientError<AppRouter>>;
  signal: AbortSignal;
  /** Time of the deadline, in milliseconds since 1970. */
  endsAt: number;
  /** The call starts when this resolves. */
  after?: Promise<void>;
  /** The place of a write in the order of its records. */
  write?: Write;
}

/** One attempt of a call. */
interface Attempt {
  caller: Caller;
  token: string | null;
  write: Write | undefined;
  /** True once the request may have left for the server. */
  isSent: boolean;
  /** True if its batch was not sent, because another call took over a part of it. */
  isRegrouped: boolean;
}

/** Calls until a result or a final error arrives. */
export async function callWithRetries(options: CallLinkOptions, call: Call): Promise<CallResult> {
  const { tokens, retryPolicy, order, network } = options;
  const { caller, write, signal } = call;
  const isRead = call.op.type === 'query';
  const isUrgent = write !== undefined && call.op.context['keepalive'] === true;
  // The local replica repeats its calls itself.
  const isSentOnce = call.op.context['isSentOnce'] === true;
  const isOwnCreate = call.isOwnId && call.op.path === 'task.create';
  let isRetryable = true;
  let isRenewed = false;

  /** Milliseconds until the next attempt. Null if there must be no further attempt. */
  function pauseAfter(error: HoldfastError, { isSent, token }: Attempt, attempts: number): number | null {
    if (write?.taken) return null;
    if (error.code === 'UNAUTHORIZED' && isSent && token !== null && !isRenewed) {
      isRenewed = true;
      tokens.refuse(token);
      return 0;
    }
    const isSafe = isRead || isRepeatable(call.op) || isConditional(call.op) || error.isRetryable;
    if (!isSafe || isSentOnce || !transientCodes.has(error.code)) return null;
    const pauseMs = retryPolicy.pause(attempts, error.retryAfterMs);
    return pauseMs !== null && Date.now() + pauseMs < call.endsAt ? pauseMs : null;
  }

  async function callOnce(attempt: Attempt, op: Operation, isAtOnce: boolean): Promise<CallResult> {
    if (call.after) await orAborted(() => call.after!, signal);
    if (!isAtOnce && network.isOffline()) await network.waitUntilOnline(signal);
    if (write?.taken) {
      attempt.isSent = true;
      return orAborted(() => write.taken!, signal);
    }
    assertSameUser(tokens, caller);
    attempt.token = await orAborted(() => (isAtOnce ? tokens.available() : tokens.get()), signal);
    assertSameUser(tokens, caller);
    caller.token ??= attempt.token;
    if (areOfDifferentUsers(caller.token, attempt.token)) throw userChanged();
    if (isAtOnce) return sendNow(options, { attempt, op, signal });
    const context = { ...op.context, [attemptKey]: attempt };
    return receive(call.send({ ...op, signal: null, context }), signal);
  }

  for (let attempts = 1; ; attempts += 1) {
    const attempt: Attempt = { caller, token: null, write, isSent: false, isRegrouped: false };
    const isAtOnce = isUrgent && attempts === 1 && !network.isOffline();
    let op = call.op;
    try {
      if (write && !isAtOnce) await orAborted(() => write.turn, signal);
      op = withKnownVersion(order, call.op, write);
      const result = await callOnce(attempt, op, isAtOnce);
      retryPolicy.recordSuccess();
      recordVersion(order, call, result);
      return result;
    } catch (cause) {
      if (write) write.isInFlight = false;
      if (attempt.isRegrouped) {
        attempts -= 1;
        continue;
      }
      const error = toHoldfastError(cause as TRPCClientError<AppRouter>, { isRead, isSent: attempt.isSent });
      if (error.code === 'CONFLICT' && error.current && !isRetryable && (isOwnCreate || hasEffect(op, error.current))) {
        // Servers before 0.2 do not recognize a repeated create if another device has changed the task since. Only this
        // call can have created a task with an ID from this client.
        return { result: { data: error.current } };
      }
      isRetryable &&= error.isRetryable;
      const pauseMs = pauseAfter(error, attempt, attempts);
      if (pauseMs === null) {
        const isUnknown = !isRetryable && !isSentOnce && transientCodes.has(error.code);
        const result = isUnknown ? await findEffect(options, { ...call, op }) : null;
        if (result !== null) return result;
        throw withOutcome(error, isRetryable);
      }
      await sleep(pauseMs, signal).catch((reason: HoldfastError) => {
        throw withOutcome(reason, isRetryable);
      });
    }
  }
}

/** Sends a write at once, after the earlier writes that it must follow and that are not on their way. */
async function sendNow(
  { order, sendAtOnce }: CallLinkOptions,
  { attempt, op, signal }: { attempt: Attempt; op: Operation; signal: AbortSignal },
): Promise<CallResult> {
  const { caller, token } = attempt;
  const write = attempt.write!;
  const others = order
    .unsentBefore(write)
    .filter((other) => other.caller.generation === caller.generation)
    .filter((other) => !areOfDifferentUsers(other.caller.token, token));
  attempt.isSent = write.isInFlight = true;
  const sending = sendAtOnce([...others.map((other) => withKnownVersion(order, other.op, other)), op], token);
  for (const [index, other] of others.entries()) other.take(sending.then((results) => toResult(results[index])));
  return toResult((await orAborted(() => sending, signal)).at(-1));
}

function toResult(data: unknown): CallResult {
  if (data instanceof TRPCClientError) throw data;
  return { result: { data } };
}

/** Reads the task of a change whose response was lost. Null if the task does not show that the change was applied. */
async function findEffect(options: CallLinkOptions, call: Call): Promise<CallResult | null> {
  const { write: _write, ...rest } = call;
  const { path } = call.op;
  if (path !== 'task.update' && path !== 'task.delete') return null;
  const { id } = call.op.input as { id: string };
  const op: Operation = { ...call.op, type: 'query', path: 'task.get', input: { id }, context: {} };
  try {
    const { result } = await callWithRetries(options, { ...rest, op });
    return 'data' in result && hasEffect(call.op, result.data as Task) ? { result } : null;
  } catch (error) {
    return path === 'task.delete' && isHoldfastError(error, 'NOT_FOUND') ? { result: { data: { id } } } : null;
  }
}

function withKnownVersion(order: WriteOrder, op: Operation, write: Write | undefined): Operation {
  if (write === undefined || !isConditional(op)) return op;
  return { ...op, input: { ...op.input, ifVersion: order.toVersion(write.records.changed[0]!, op.input.ifVersion) } };
}

function recordVersion(order: WriteOrder, { op, write }: Call, { result }: CallResult): void {
  if (write === undefined || !isConditional(op) || !('data' in result)) return;
  order.recordVersion(write.records.changed[0]!, op.input.ifVersion, (result.data as Task).version);
}

/** @throws HoldfastError if a user signed in or out after the call started. */
export function assertSameUser(tokens: TokenSource, { generation }: Caller): void {
  if (tokens.generation() !== generation) throw userChanged();
}

export function userChanged(): HoldfastError {
  const message = 'A user signed in or out before the call was sent. Start the call again.';
  return new HoldfastError({ code: 'UNAUTHORIZED', message, isRetryable: true });
}

function receive(results: ReturnType<Call['send']>, signal: AbortSignal): Promise<CallResult> {
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

/** The headers of one request for these operations. Called when the request is sent. */
export function toHeaders(operations: Operation[]): Record<string, string> {
  const attempts = operations.map(({ context }) => context[attemptKey] as Attempt);
  const last = attempts.at(-1)!;
  const isMixed = attempts.some(
    ({ caller, token }) => caller.generation !== last.caller.generation || areOfDifferentUsers(token, last.token),
  );
  if (isMixed) throw userChanged();
  if (attempts.some(({ write }) => write?.taken !== undefined)) {
    for (const attempt of attempts) attempt.isRegrouped = true;
    throw userChanged();
  }
  for (const attempt of attempts) {
    attempt.token = last.token;
    attempt.isSent = true;
    if (attempt.write) attempt.write.isInFlight = true;
  }
  return last.token === null ? {} : { authorization: `Bearer ${last.token}` };
}
