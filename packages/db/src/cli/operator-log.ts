import { userInfo } from 'node:os';
import process from 'node:process';
import { inOperation } from '@holdfast/operation';
import type { AccountAccess } from '../accounts/access.ts';
import { toCode } from '../connection/statement-monitor.ts';

/** A command and the user that it changes, for the log. */
export interface OperatorWork {
  /** Such as `users show`. */
  command: string;
  /** Undefined until the user was found. */
  userId?: string;
}

/**
 * Runs a command and writes one line of JSON about it to standard error: the operator, the command, the user, the time and the
 * result. The line contains no text that the operator or a user has chosen.
 */
export async function logOperatorWork<Result>(work: OperatorWork, run: () => Promise<Result>): Promise<Result> {
  const log = (outcome: string) => {
    const { command, userId = null } = work;
    const time = new Date().toISOString();
    console.error(JSON.stringify({ time, msg: 'operator command', command, userId, by: findOperator(), outcome }));
  };
  try {
    const result = await inOperation({ name: work.command }, run);
    log('done');
    return result;
  } catch (error) {
    log(toCode(error));
    throw error;
  }
}

/**
 * Writes the user and the database login to PostgreSQL's log. The search for the user has written the command there: both together are
 * longer than the name of an application can be.
 */
export async function recordUser({ db }: AccountAccess, userId: string): Promise<void> {
  await inOperation({ name: `user ${userId}` }, () => db.acrossAllUsers(async () => {}));
}

/** The account of the operating system. A container can run with a number that has no name. */
function findOperator(): string {
  try {
    return userInfo().username;
  } catch {
    return `uid ${process.getuid?.()}`;
  }
}
