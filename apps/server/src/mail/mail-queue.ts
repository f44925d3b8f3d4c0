import { AsyncLocalStorage } from 'node:async_hooks';
import { TRPCError } from '@trpc/server';
import type { Logger } from 'pino';
import type { ToShare } from '../peers/place.ts';
import { describeError } from '../telemetry/log-fields.ts';

export interface Mail {
  to: string;
  subject: string;
  text: string;
  /** The link in the text, if there is one. */
  link?: string;
}

/** The kinds of mails in logs. */
export type MailKind = 'password reset' | 'email verification' | 'email change' | 'email change notice';

/** Sends mails in the background, so that the time of a response does not depend on them. */
export interface MailQueue {
  /**
   * Composes a mail and sends it. Composing null sends nothing.
   *
   * @throws TRPCError SERVICE_UNAVAILABLE if too many mails wait.
   */
  add(kind: MailKind, compose: () => Promise<Mail | null>): void;
  /** Sends the mails that wait for their first attempt, and accepts no more. */
  close(): Promise<void>;
}

export interface MailQueueOptions {
  deliver: (mail: Mail) => Promise<void>;
  logger: Logger;
  toShare: ToShare;
}

interface Job {
  kind: MailKind;
  compose: () => Promise<Mail | null>;
  mail?: Mail | null;
  attempts: number;
}

/** Maximum number of mails at a time. */
const runningMax = 4;
/** Maximum number of mails that wait for their first attempt, and of those that wait for another one. */
const pendingMax = 1000;
const retryDelaysMs = [1000, 5000, 30_000, 120_000];

class MailQueueFullError extends Error {
  override readonly name = 'MailQueueFullError';
  readonly code = 'MAIL_QUEUE_FULL';
  readonly retryAfterMs = 10_000;
  readonly isRetryable = true;
}

export function createMailQueue({ deliver, logger, toShare }: MailQueueOptions): MailQueue {
  // A mail belongs to no request: it must not end with one, nor count as its cost.
  const outsideOfRequests = AsyncLocalStorage.snapshot();
  const ready: Job[] = [];
  const delayed = new Map<Job, NodeJS.Timeout>();
  let running = 0;
  let closed: PromiseWithResolvers<void> | undefined;

  function start(): void {
    while (running < toShare(runningMax) && ready.length > 0) {
      running += 1;
      void outsideOfRequests(run, ready.shift()!);
    }
    if (running === 0) closed?.resolve();
  }

  async function run(job: Job): Promise<void> {
    try {
      job.attempts += 1;
      job.mail ??= await job.compose();
      if (job.mail !== null) await deliver(job.mail);
    } catch (error) {
      handleFailure(job, error);
    }
    running -= 1;
    start();
  }

  function handleFailure(job: Job, error: unknown): void {
    const { kind, attempts } = job;
    const delayMs = closed !== undefined || isPermanent(error) ? undefined : retryDelaysMs[attempts - 1];
    const fields = { kind, attempts, ...describeError(error) };
    if (delayMs === undefined) return logger.error(fields, 'mail not sent');
    logger.warn(fields, 'mail delayed');
    makeRoom();
    const timer = setTimeout(() => {
      delayed.delete(job);
      ready.push(job);
      start();
    }, delayMs);
    delayed.set(job, timer);
  }

  /** Gives up the delayed mail that has waited longest, if there are too many. New mails have room in any case. */
  function makeRoom(): void {
    const [oldest] = delayed;
    if (oldest === undefined || delayed.size < toShare(pendingMax)) return;
    const [{ kind, attempts }, timer] = oldest;
    clearTimeout(timer);
    delayed.delete(oldest[0]);
    logger.error({ kind, attempts }, 'mail not sent');
  }

  return {
    add(kind, compose) {
      if (closed !== undefined || running + ready.length >= toShare(pendingMax)) throw toFullError();
      ready.push({ kind, compose, attempts: 0 });
      start();
    },
    close() {
      if (closed !== undefined) return closed.promise;
      closed = Promise.withResolvers();
      for (const [{ kind, attempts }, timer] of delayed) {
        clearTimeout(timer);
        logger.error({ kind, attempts }, 'mail not sent');
      }
      delayed.clear();
      start();
      return closed.promise;
    },
  };
}

/** The SMTP server refuses the mail for good. */
const isPermanent = (error: unknown) => ((error as { responseCode?: number }).responseCode ?? 0) >= 500;

function toFullError(): TRPCError {
  const message = 'Too many mails at the moment. Try again later.';
  return new TRPCError({ code: 'SERVICE_UNAVAILABLE', message, cause: new MailQueueFullError(message) });
}
