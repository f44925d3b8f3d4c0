import { currentOperation } from '@holdfast/operation';
import type { EntityManager } from '@mikro-orm/postgresql';
import type { DatabaseObserver } from '../connection/observer.ts';
import { toCode } from '../connection/statement-monitor.ts';
import { toToolsSettings } from './session-settings.ts';
import { runTransaction, type TransactionRunner } from './transaction.ts';

/**
 * Writes one line to the server's log. By default, PostgreSQL sends messages of level LOG to the log and not to the
 * client. `application_name` holds the operation's name; PostgreSQL replaces its control characters.
 */
const auditSql = [
  'do $holdfast$ begin raise log',
  `'holdfast: work across all users, %, by %: %',`,
  `case when current_setting('transaction_read_only') = 'on' then 'read-only' else 'may write' end,`,
  `session_user, current_setting('application_name');`,
  'end $holdfast$',
].join(' ');

export interface WorkOptions {
  write: boolean;
  observer: DatabaseObserver;
}

/** Runs work that sees the rows of all users, and records it in PostgreSQL's log and with the observer. */
export async function workAcrossAllUsers<Result>(
  runner: TransactionRunner,
  work: (em: EntityManager) => Promise<Result>,
  { write, observer }: WorkOptions,
): Promise<Result> {
  const operation = currentOperation();
  const began = performance.now();
  const report = (errorCode: string | null) =>
    observer.onWorkAcrossUsers?.({
      operation,
      mayWrite: write,
      startedAt: performance.timeOrigin + began,
      durationMs: performance.now() - began,
      errorCode,
    });
  let result: Result;
  try {
    result = await runTransaction(runner, toToolsSettings({ write, name: operation?.name ?? null }), async (em) => {
      await em.execute(auditSql);
      return work(em);
    });
  } catch (error) {
    report(toCode(error));
    throw error;
  }
  report(null);
  return result;
}
