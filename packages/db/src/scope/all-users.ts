import { currentOperation } from '@holdfast/operation';
import type { EntityManager } from '@mikro-orm/postgresql';
import type { DatabaseObserver } from '../connection/observer.ts';
import { toCode } from '../connection/statement-monitor.ts';
import { toToolsSettings } from './session-settings.ts';
import { type Connections, inTransaction } from './transaction.ts';

/**
 * Messages of the level LOG go to the server's log whatever its settings are by default, and not to the client. What
 * the work is for stands in `application_name`, from which PostgreSQL itself removes what would break a line.
 */
const trace = [
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

/** Runs work that sees the rows of all users, and leaves a trace of it: in PostgreSQL's log, and with the observer. */
export async function workAcrossAllUsers<Result>(
  connections: Connections,
  work: (em: EntityManager) => Promise<Result>,
  { write, observer }: WorkOptions,
): Promise<Result> {
  const operation = currentOperation();
  const began = performance.now();
  const tell = (errorCode: string | null) =>
    observer.onWorkAcrossUsers?.({
      operation,
      mayWrite: write,
      startedAt: performance.timeOrigin + began,
      durationMs: performance.now() - began,
      errorCode,
    });
  let result: Result;
  try {
    result = await inTransaction(connections, toToolsSettings({ write, name: operation?.name ?? null }), async (em) => {
      await em.execute(trace);
      return work(em);
    });
  } catch (error) {
    tell(toCode(error));
    throw error;
  }
  tell(null);
  return result;
}
