import type { EntityManager, MikroORM } from '@mikro-orm/postgresql';
import { toNamedError } from '../connection/driver-error.ts';
import { AccessRefusedError } from '../errors.ts';
import { forkWithSettings, transactionOptions } from '../schema/orm.ts';

/** What could not be read, and why, in place of what would have been there. */
export interface Unread {
  readonly unread: string;
}

export function isUnread(value: object): value is Unread {
  return 'unread' in value;
}

/**
 * Looks at one thing in a short read-only transaction of its own, so that a lock in the way or a missing right costs that
 * thing alone, and a transaction pooler in between does no harm. Any other failure is thrown.
 *
 * @throws DatabaseUnavailableError when the database is gone.
 */
export async function glance<Result extends object>(
  orm: MikroORM,
  look: (em: EntityManager) => Promise<Result>,
  moreReasons: Reasons = {},
): Promise<Result | Unread> {
  try {
    return await forkWithSettings(orm).transactional(
      async (em) => {
        await em.execute(limits);
        return look(em);
      },
      { ...transactionOptions, readOnly: true },
    );
  } catch (error) {
    const reason = toReason(error, { ...reasons, ...moreReasons });
    if (reason === undefined) throw toNamedError(error);
    return { unread: reason };
  }
}

/** Milliseconds for each statement. */
export const statementLimitMs = 5_000;

/** Whoever holds a table exclusively must not hold up the one who wants to see that. */
const limits = `select set_config('lock_timeout', '1000', true), set_config('statement_timeout', '${statementLimitMs}', true)`;

/** By SQLSTATE, what to tell in place of what could not be read. */
export type Reasons = Readonly<Record<string, string>>;

const reasons: Reasons = {
  '55P03': 'another transaction has locked it',
  '57014': 'it took longer than 5 s',
};

function toReason(error: unknown, known: Reasons): string | undefined {
  if (!(error instanceof Error)) return undefined;
  if (toNamedError(error) instanceof AccessRefusedError)
    return 'the user of the database URL lacks the right to read it';
  return 'code' in error ? known[String(error.code)] : undefined;
}
