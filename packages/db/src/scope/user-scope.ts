import { currentOperation } from '@holdfast/operation';
import type { EntityManager } from '@mikro-orm/postgresql';
import { CompiledQuery } from 'kysely';
import { toNamedError } from '../connection/driver-error.ts';
import { DatabaseUnavailableError, InvalidValueError } from '../errors.ts';
import { batchReads, bind, runEach, type RunStatements } from './batch-reads.ts';
import { createWriteBatch, type WriteBatch } from './batch-writes.ts';
import { type Statement, type TextRow, toText } from './prepared-statement.ts';
import { preferReplica, type ReplicaReads } from './replica-reads.ts';
import { toUserSettings } from './session-settings.ts';
import { runTransaction, toRunError, toWriteError, type TransactionRunner } from './transaction.ts';

/** The claims of a token about its user, besides the user ID. */
export interface Profile {
  email: string | null;
  name: string | null;
}

/**
 * Access to the rows of one user.
 *
 * Every operation on a scope runs in a transaction as the role `holdfast_app` with `app.user_id` set to the user. Row-level
 * security then hides all other users' rows. Each statement also filters by owner.
 */
export interface UserScope {
  /** A UUID in lower case. */
  readonly userId: string;
  readonly profile: Profile;
  /**
   * Runs several steps in one transaction: either all or no steps are applied. A nested transaction is a savepoint. After a
   * serialization failure, a deadlock, a lock timeout, or a connection that is lost before the commit, `work` runs again
   * from its start.
   */
  transaction<Result>(work: (scope: TransactionScope) => Promise<Result>): Promise<Result>;
}

/** A user scope with an open transaction and its entity manager. */
export interface TransactionScope extends UserScope {
  readonly em: EntityManager;
}

/** The part of a user scope that only this package's operations use. */
export interface ScopeInternals {
  /** Signs the cursors of this scope. */
  readonly cursorKey: string;
  /** Runs one statement: in the open transaction, or in a separate transaction of one round trip. */
  run<Args extends object>(statement: Statement<Args>, args: Args): Promise<TextRow[]>;
  /** Runs several statements in one transaction of one round trip. @returns The rows of each statement. */
  runAll(calls: readonly { statement: Statement<object>; args: object }[]): Promise<TextRow[][]>;
  /** Absent if each write is sent alone. */
  readonly writeBatch?: WriteBatch | undefined;
  /** Whether PostgreSQL refuses all writes. */
  readonly isReadOnly: boolean;
}

export interface UserScopeOptions {
  userId: string;
  profile: Profile;
  cursorKey: string;
  statementTimeoutMs: number;
  batchReads: boolean;
  /** Runs after a transaction that may have changed the user's rows. The revision is that of the write, if it is known. */
  onWrite?: ((userId: string, revision: number | undefined) => void) | undefined;
  batchWrites: boolean;
  readOnly: boolean;
}

/** Keeps the internals in a private field. A WeakMap with an entry per request would double the cost of garbage collection. */
class Scope implements UserScope {
  readonly userId: string;
  readonly profile: Profile;
  readonly transaction: UserScope['transaction'];
  readonly #internals: ScopeInternals;

  constructor({ userId, profile, transaction }: UserScope, internals: ScopeInternals) {
    this.userId = userId;
    this.profile = profile;
    this.transaction = transaction;
    this.#internals = internals;
  }

  static internalsOf(scope: object): ScopeInternals {
    if (!(#internals in scope)) throw new TypeError('Not a user scope. Pass the result of db.asUser(…).');
    return scope.#internals;
  }
}

class OpenScope extends Scope implements TransactionScope {
  readonly em: EntityManager;

  constructor(scope: TransactionScope, internals: ScopeInternals) {
    super(scope, internals);
    this.em = scope.em;
  }
}

/** @throws TypeError for an object that `Database.asUser` did not return. */
export function internalsOf(scope: UserScope): ScopeInternals {
  return Scope.internalsOf(scope);
}

/**
 * Takes the next place in the scope's batch of writes, if it has one. All calls of a batch must join before the first of them
 * waits for anything. Writes in `transaction` have no place.
 *
 * @returns A function to call when the current operation has ended.
 */
export function joinBatch(scope: UserScope): (() => void) | undefined {
  const operation = currentOperation();
  return operation === null ? undefined : internalsOf(scope).writeBatch?.join(operation);
}

/** The same scope with another way to run statements, for tests. */
export function wrapScope(scope: UserScope, wrap: (run: ScopeInternals['run']) => ScopeInternals['run']): UserScope {
  const internals = internalsOf(scope);
  return new Scope(scope, { ...internals, run: wrap(internals.run) });
}

const uuid = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;

/**
 * @param replica If given, reads go there first.
 * @throws InvalidValueError if the user ID is not a UUID in lower case.
 */
export function createUserScope(
  primary: TransactionRunner,
  options: UserScopeOptions,
  replica?: ReplicaReads,
): UserScope {
  const { userId, profile, cursorKey } = options;
  if (!uuid.test(userId)) throw new InvalidValueError('A user ID must be a UUID in lower case.');
  const { retries } = primary;
  const settings = toUserSettings(options);
  const reportWrite = createWriteReport(options);
  const onPrimary: RunStatements = (statements) =>
    primary.pipelines.run({ settings, statements }).catch(rethrowMissingOwner);
  const withRetries =
    (run: RunStatements): RunStatements =>
    (statements) => {
      const isIdempotent = statements.every((statement) => statement.isIdempotent);
      return retries.run(() => run(statements), { isIdempotent });
    };
  const onPrimaryOnly = withRetries(onPrimary);
  const runWrite = runEach(onPrimaryOnly);
  const onEither = replica ? withRetries(preferReplica(replica, settings, onPrimary)) : onPrimaryOnly;
  const createReader = options.batchReads ? batchReads : runEach;
  const runRead = createReader(onEither);
  const runReadOnPrimary = onEither === onPrimaryOnly ? runRead : createReader(onPrimaryOnly);
  const scope: UserScope = {
    userId,
    profile,
    transaction: (work) =>
      retries.run(
        () =>
          reportWrite(runTransaction(primary, settings, (em) => work(toTransactionScope(scope, em, cursorKey)))).catch(
            rethrowMissingOwner,
          ),
        { isIdempotent: false },
      ),
  };
  const writeBatch = options.batchWrites ? createWriteBatch(primary, settings, onPrimaryOnly) : undefined;
  const runAll = writeBatch?.run ?? onPrimaryOnly;
  return new Scope(scope, {
    cursorKey,
    isReadOnly: options.readOnly,
    writeBatch,
    runAll: async (calls) => {
      const operation = currentOperation();
      try {
        const results = runAll(calls.map(({ statement, args }) => bind({ statement, args, operation })));
        return await (calls[0]?.statement.takesRevision ? reportWrite(results, toRevision) : results);
      } catch (error) {
        throw toRunError(error, options);
      }
    },
    run: async (statement, args) => {
      const run = !statement.isRead ? runWrite : statement.isOnPrimary ? runReadOnPrimary : runRead;
      try {
        return await run({ statement, args, operation: currentOperation() });
      } catch (error) {
        throw toRunError(error, options);
      }
    },
  });
}

/** A scope for reads in a transaction of work across all users. Only the owner filter of each statement isolates the user. */
export function createToolsScope(em: EntityManager, { userId, cursorKey }: { userId: string; cursorKey: string }) {
  return toTransactionScope({ userId, profile: { email: null, name: null } }, em, cursorKey);
}

function toTransactionScope(
  scope: Pick<UserScope, 'userId' | 'profile'>,
  em: EntityManager,
  cursorKey: string,
): TransactionScope {
  const { userId, profile } = scope;
  const inner: TransactionScope = {
    userId,
    profile,
    em,
    transaction: (work) => em.transactional((nested) => work(toTransactionScope(scope, nested, cursorKey))),
  };
  const run: ScopeInternals['run'] = async (statement, args) => {
    const query = CompiledQuery.raw(statement.text, statement.toValues(args));
    const { rows } = await em.getKysely().executeQuery<Record<string, unknown>>(query);
    return rows.map((row) => Object.values(row).map(toText));
  };
  return new OpenScope(inner, {
    cursorKey,
    isReadOnly: false,
    run,
    runAll: async (calls) => {
      const results: TextRow[][] = [];
      for (const { statement, args } of calls) results.push(await run(statement, args));
      return results;
    },
  });
}

/** Reports the end of a write, unless its error shows that it changed nothing. */
function createWriteReport({ userId, onWrite }: UserScopeOptions) {
  return async <Result>(write: Promise<Result>, toRevision?: (result: Result) => number): Promise<Result> => {
    try {
      const result = await write;
      onWrite?.(userId, toRevision?.(result));
      return result;
    } catch (error) {
      if (toNamedError(error) instanceof DatabaseUnavailableError) onWrite?.(userId, undefined);
      throw error;
    }
  };
}

/** The revision that the first statement of a write has returned. */
function toRevision([rows]: TextRow[][]): number {
  return Number(rows![0]![0]);
}

function rethrowMissingOwner(error: unknown): never {
  throw toWriteError(error);
}
