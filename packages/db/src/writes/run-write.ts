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
  const results = await internalsOf(scope).runAll([toLock(scope), write, log]);
  return results[1]!;
}

/** A write, and a read of the rows that it changes. */
interface ReadAndWrite<ReadArgs extends object, WriteArgs extends object, LogArgs extends object> {
  read: WriteCall<ReadArgs>;
  write: WriteCall<WriteArgs>;
  log: WriteCall<LogArgs>;
}

/**
 * As `runWrite`, with a read before the write, in the same round trip. No other call of the user can write between the two.
 *
 * @returns The rows of the read and of the write.
 */
export async function runReadAndWrite<ReadArgs extends object, WriteArgs extends object, LogArgs extends object>(
  scope: UserScope,
  { read, write, log }: ReadAndWrite<ReadArgs, WriteArgs, LogArgs>,
): Promise<{ before: TextRow[]; rows: TextRow[] }> {
  const [, before, rows] = await internalsOf(scope).runAll([toLock(scope), read, write, log]);
  return { before: before!, rows: rows! };
}

function toLock({ userId, profile }: UserScope) {
  return { statement: lockUserStatement, args: { userId, ...profile } };
}
