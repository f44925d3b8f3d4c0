import type { AppRouter } from '@holdfast/api/client';
import { type Operation, TRPCClientError } from '@trpc/client';
import type { Observable } from '@trpc/server/observable';
import { orAborted, sleep } from './deadline.ts';
import { type HoldfastError, withOutcome } from './errors.ts';
import type { SendAtOnce } from './keepalive.ts';
import type { Network } from './network.ts';
import type { RetryPolicy } from './retry-policy.ts';
import { type Caller, findToken, userChanged } from './session/caller.ts';
import { areOfDifferentUsers } from './session/claims.ts';
import type { TokenSource } from './session/token-source.ts';
import { toHoldfastError } from './to-error.ts';
import { recordVersion, withKnownVersion } from './versions.ts';
import { isRepeatable } from './with-ids.ts';
import type { CallResult, Write, WriteOrder } from './write-order.ts';

/** Codes of failures that can pass. */
export const transientCodes: ReadonlySet<string> = new Set([
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
  let isRetryable = true;
  let isRenewed = false;

  /** Milliseconds until the next attempt. Null if there must be no further attempt. */
  function pauseAfter(error: HoldfastError, { isSent, token }: Attempt, attempts: number): number | null {
    if (error.code === 'UNAUTHORIZED' && isSent && token !== null && !isRenewed) {
      isRenewed = true;
      if (tokens.refuse(token, error)) return 0;
    }
    const isSafe = isRead || isRepeatable(call.op) || error.isRetryable;
    if (!isSafe || isSentOnce || !transientCodes.has(error.code)) return null;
    const pauseMs = retryPolicy.pause(attempts, error.retryAfterMs);
    return pauseMs !== null && Date.now() + pauseMs < call.endsAt ? pauseMs : null;
  }

  async function callOnce(attempt: Attempt, op: Operation, isAtOnce: boolean): Promise<CallResult> {
    if (call.after) await orAborted(() => call.after!, signal);
    if (!isAtOnce && network.isOffline()) await network.waitUntilOnline(signal);
    if (write?.taken) {
      attempt.isSent = true;
      attempt.token = write.taken.token;
      return orAborted(() => write.taken!.result, signal);
    }
    const get = isAtOnce ? () => tokens.available() : () => tokens.get();
    attempt.token = await findToken(caller, { tokens, signal, get });
    if (isAtOnce) return sendNow(options, { attempt, op, signal });
    const context = { ...op.context, [attemptKey]: attempt };
    return receive(call.send({ ...op, signal: null, context }), signal);
  }

  for (let attempts = 1; ; attempts += 1) {
    const attempt: Attempt = { caller, token: null, write, isSent: false, isRegrouped: false };
    const isAtOnce = isUrgent && attempts === 1 && !network.isOffline();
    try {
      if (write && !isAtOnce) await orAborted(() => write.turn, signal);
      const op = withKnownVersion(order, call.op, write);
      const result = await callOnce(attempt, op, isAtOnce);
      retryPolicy.recordSuccess();
      recordVersion(order, { given: call.op, sent: op, write, result });
      return result;
    } catch (cause) {
      if (write) write.isInFlight = false;
      if (attempt.isRegrouped) {
        attempts -= 1;
        continue;
      }
      const error = toHoldfastError(cause as TRPCClientError<AppRouter>, { isRead, isSent: attempt.isSent });
      isRetryable &&= error.isRetryable;
      const pauseMs = pauseAfter(error, attempt, attempts);
      if (pauseMs === null) throw withOutcome(error, isRetryable);
      await sleep(pauseMs, signal).catch((reason: HoldfastError) => {
        throw withOutcome(reason, isRetryable);
      });
    }
  }
}

/** Sends a write at once, after the earlier writes that it must follow and that are not on their way. */
async function sendNow(
  { order, sendAtOnce, tokens }: CallLinkOptions,
  { attempt, op, signal }: { attempt: Attempt; op: Operation; signal: AbortSignal },
): Promise<CallResult> {
  const { caller, token } = attempt;
  const write = attempt.write!;
  const others = order
    .unsentBefore(write)
    .filter((other) => other.caller.generation === caller.generation)
    .filter((other) => !areOfDifferentUsers(other.caller.token, token));
  attempt.isSent = write.isInFlight = true;
  const sending = sendAtOnce(
    [...others.map((other) => withKnownVersion(order, other.op, other)), op],
    tokens.toHeaders(token),
  );
  for (const [index, other] of others.entries()) {
    other.take({ token, result: sending.then((results) => toResult(results[index])) });
  }
  return toResult((await orAborted(() => sending, signal)).at(-1));
}

function toResult(data: unknown): CallResult {
  if (data instanceof TRPCClientError) throw data;
  return { result: { data } };
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
export function toHeaders(operations: Operation[], tokens: TokenSource): Record<string, string> {
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
  return tokens.toHeaders(last.token);
}
