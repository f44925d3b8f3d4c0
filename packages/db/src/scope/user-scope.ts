import { currentOperation } from '@holdfast/operation';
import type { EntityManager } from '@mikro-orm/postgresql';
import { CompiledQuery } from 'kysely';
import { toNamedError } from '../connection/driver-error.ts';
import { DatabaseUnavailableError, InvalidValueError } from '../errors.ts';
import { alone, joinReads, type RunPipeline } from './batch-reads.ts';
import { type Statement, type TextRow, toText } from './prepared-statement.ts';
import { toUserSettings } from './session-settings.ts';
import { type Connections, inTransaction, toScopeError } from './transaction.ts';

/** What a token says of its bearer beside the id. */
export interface Profile {
  email: string | null;
  name: string | null;
}

/**
 * Everything that may be done for one user.
 *
 * Whatever runs in it runs in a transaction as the role `holdfast_app` with `app.user_id` set to the user, so row level
 * security shows and takes this user's rows only; statements name their owner besides.
 */
export interface UserScope {
  readonly userId: string;
  readonly profile: Profile;
  /** Seals this scope's cursors. */
  readonly cursorKey: string;
  /** Runs one statement, as a transaction of its own in one round trip, or in the running transaction. */
  run<Args extends object>(statement: Statement<Args>, args: Args): Promise<TextRow[]>;
  /**
   * Runs several steps in one transaction: all of them happen or none. A transaction within a transaction is a
   * savepoint. Where PostgreSQL undoes it for the sake of another (serialization, deadlock, lock), or the connection is
   * lost before the commit, the work is run again from its beginning.
   */
  transaction<Result>(work: (scope: TransactionScope) => Promise<Result>): Promise<Result>;
}

/** A user scope with an open transaction, where the entity manager is at hand as well. */
export interface TransactionScope extends UserScope {
  readonly em: EntityManager;
}

export interface UserScopeOptions {
  userId: string;
  profile: Profile;
  cursorKey: string;
  statementTimeoutMs: number;
  /** Lets reads that are asked for together, as the calls of one batch are, travel together. */
  joinReads: boolean;
}

const uuid = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;

/**
 * @param replica Where reads are to be done first.
 * @throws InvalidValueError for a user id that is no UUID in lower case.
 */
export function createUserScope(connections: Connections, options: UserScopeOptions, replica?: Connections): UserScope {
  if (!uuid.test(options.userId)) throw new InvalidValueError('A user id must be a UUID in lower case.');
  const { retries } = connections;
  const opening = toUserSettings(options);
  const runPipeline: RunPipeline = (statements) => connections.runPipeline({ opening, statements });
  const runReads: RunPipeline = replica
    ? preferReplica((statements) => replica.runPipeline({ opening, statements }), runPipeline)
    : runPipeline;
  const repeat =
    (run: RunPipeline): RunPipeline =>
    (statements) => {
      const isRepeatable = statements.every((statement) => statement.isRepeatable);
      return retries.run(() => run(statements), isRepeatable);
    };
  const runWrite = alone(repeat(runPipeline));
  const runRead = options.joinReads ? joinReads(repeat(runReads)) : alone(repeat(runReads));
  const scope: UserScope = {
    userId: options.userId,
    profile: options.profile,
    cursorKey: options.cursorKey,
    run: async (statement, args) => {
      const run = statement.isRead ? runRead : runWrite;
      try {
        return await run({ statement, args, operation: currentOperation() });
      } catch (error) {
        throw toScopeError(error);
      }
    },
    transaction: (work) =>
      retries.run(() => inTransaction(connections, opening, (em) => work(toTransactionScope(scope, em))), false),
  };
  return scope;
}
function toTransactionScope(scope: UserScope, em: EntityManager): TransactionScope {
  return {
    ...scope,
    em,
    run: async (statement, args) => {
      const query = CompiledQuery.raw(statement.text, statement.toValues(args));
      const { rows } = await em.getKysely().executeQuery<Record<string, unknown>>(query);
      return rows.map((row) => Object.values(row).map(toText));
    },
    transaction: (work) => em.transactional((inner) => work(toTransactionScope(scope, inner))),
  };
}

/** A replica that is away, or ends a read to follow its primary, costs no answer. */
function preferReplica(runOnReplica: RunPipeline, runPipeline: RunPipeline): RunPipeline {
  return async (statements) => {
    try {
      return await runOnReplica(statements);
    } catch (error) {
      if (toNamedError(error) instanceof DatabaseUnavailableError) return runPipeline(statements);
      throw error;
    }
  };
}
