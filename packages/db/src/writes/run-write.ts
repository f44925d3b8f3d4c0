import type { Statement, TextRow } from '../scope/prepared-statement.ts';
import { internalsOf, type UserScope } from '../scope/user-scope.ts';
import { lockUserStatement } from './lock.ts';

/** A statement with its arguments. */
export interface WriteCall<Args extends object = object> {
  readonly statement: Statement<Args>;
  readonly args: Args;
}

/**
 * Runs a write in one transaction and one round trip: takes the next revision of the user, applies the write, and logs it.
 *
 * @returns The rows of the write.
 */
export async function runWrite<WriteArgs extends object, LogArgs extends object>(
  scope: UserScope,
  write: WriteCall<WriteArgs>,
  log: WriteCall<LogArgs>,
): Promise<TextRow[]> {
  const { userId, profile } = scope;
  const lock = { statement: lockUserStatement, args: { userId, ...profile } };
  const results = await internalsOf(scope).runAll([lock, write, log]);
  return results[1]!;
}
