import type { EntityManager } from '@mikro-orm/postgresql';
import { CompiledQuery } from 'kysely';
import { toNamedError } from './driver-error.ts';
import {
  AbortedError,
  DatabaseUnavailableError,
  InvalidValueError,
  ReadOnlyWorkError,
  StatementTimeoutError,
} from './errors.ts';
import type { BoundStatement, Unit } from './one-trip.ts';
import { type Opening, toUserOpening } from './opening.ts';
import { currentOperation, findEnd, type Operation } from './operation.ts';
import type { Retries } from './retry.ts';
import { withStatementLimit } from './statement-watch.ts';
import { type Statement, type TextRow, toText } from './statement.ts';

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

/**
 * The two ways to open a unit of work on the same pool: whole, where its statements are known beforehand; through an
 * entity manager, where one statement depends on another's answer.
 */
export interface Connections {
  runUnit(unit: Unit): Promise<TextRow[][]>;
  fork(opening: Opening): EntityManager;
  readonly retries: Retries;
}

const uuid = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;

/**
 * @param replica Where reads are to be done first.
 * @throws InvalidValueError for a user id that is no UUID in lower case.
 */
export function createUserScope(connections: Connections, options: UserScopeOptions, replica?: Connections): UserScope {
  if (!uuid.test(options.userId)) throw new InvalidValueError('A user id must be a UUID in lower case.');
  const { retries } = connections;
  const opening = toUserOpening(options);
  const runUnit: RunUnit = (statements) => connections.runUnit({ opening, statements });
  const runReads: RunUnit = replica
    ? preferReplica((statements) => replica.runUnit({ opening, statements }), runUnit)
    : runUnit;
  const repeat =
    (run: RunUnit): RunUnit =>
    (statements) => {
      const isRepeatable = statements.every((statement) => statement.isRepeatable);
      return retries.run(() => run(statements), isRepeatable);
    };
  const runWrite = alone(repeat(runUnit));
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
/** Runs work on an entity manager of its own, in a transaction that begins with the opening. */
export async function inTransaction<Result>(
  connections: Connections,
  opening: Opening,
  work: (em: EntityManager) => Promise<Result>,
): Promise<Result> {
  let isCommitting = false;
  const steps = async (em: EntityManager) => {
    const result = await work(em);
    await em.flush();
    isCommitting = true;
    return result;
  };
  try {
    return await withStatementLimit(opening.statementTimeoutMs, () =>
      connections.fork(opening).transactional(steps, { readOnly: opening.readOnly }),
    );
  } catch (error) {
    const isWrite = error instanceof Error && 'code' in error && error.code === '25006';
    if (isWrite && opening.readOnly) throw new ReadOnlyWorkError({ cause: error });
    const named = toScopeError(error);
    // Without its commit nothing of a transaction is kept.
    if (isCommitting || !(named instanceof DatabaseUnavailableError)) throw named;
    throw new DatabaseUnavailableError({ cause: named.cause ?? named, isUndone: true });
  }
}

/** Whatever ended the work of an operation that nobody waits for any longer, that is why. */
function toScopeError(error: unknown): unknown {
  const named = toNamedError(error);
  const isEnded = named instanceof StatementTimeoutError || named instanceof DatabaseUnavailableError;
  return isEnded && findEnd(currentOperation()) === 'abandoned' ? new AbortedError({ cause: error }) : named;
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

type RunUnit = (statements: readonly BoundStatement[]) => Promise<TextRow[][]>;
type RunStatement = (asked: Asked) => Promise<TextRow[]>;

/** A statement, and for what and whom it is to be run. */
interface Asked {
  readonly statement: Statement<object>;
  readonly args: object;
  readonly operation: Operation | null;
}

function bind({ statement, args, operation }: Asked): BoundStatement {
  const { name, preparedName, text, isRepeatable } = statement;
  return { name, preparedName, text, values: statement.toValues(args), isRepeatable, operation };
}

function alone(runUnit: RunUnit): RunStatement {
  return async (asked) => (await runUnit([bind(asked)]))[0]!;
}

/** A replica that is away, or ends a read to follow its primary, costs no answer. */
function preferReplica(runOnReplica: RunUnit, runUnit: RunUnit): RunUnit {
  return async (statements) => {
    try {
      return await runOnReplica(statements);
    } catch (error) {
      if (toNamedError(error) instanceof DatabaseUnavailableError) return runUnit(statements);
      throw error;
    }
  };
}

interface WaitingRead extends Asked {
  readonly resolve: (rows: TextRow[]) => void;
  readonly reject: (error: unknown) => void;
}

/**
 * Gathers the reads of one turn of the event loop into one unit, and those that are the same but for what they look for
 * into one statement. Where that fails, each is asked alone: one bad read shall not fail its siblings.
 */
function joinReads(runUnit: RunUnit): RunStatement {
  const runAlone = alone(runUnit);
  let waiting: WaitingRead[] = [];

  async function flush(): Promise<void> {
    const reads = waiting;
    waiting = [];
    try {
      const trips = [...Map.groupBy(reads, ({ statement }) => statement).values()].flatMap(toTrips);
      const results = await runUnit(trips.map(({ bound }) => bound));
      trips.forEach(({ deliver }, at) => deliver(results[at]!));
    } catch (error) {
      const isAboutOne = reads.length > 1 && !(toNamedError(error) instanceof DatabaseUnavailableError);
      for (const read of reads) {
        if (isAboutOne) runAlone(read).then(read.resolve, read.reject);
        else read.reject(error);
      }
    }
  }

  return (asked) =>
    new Promise((resolve, reject) => {
      if (waiting.push({ ...asked, resolve, reject }) === 1) setImmediate(() => void flush());
    });
}

/** What is sent for reads of one statement, and who is given the rows. */
function toTrips(reads: WaitingRead[]): { bound: BoundStatement; deliver: (rows: TextRow[]) => void }[] {
  const { statement, operation } = reads[0]!;
  const { joined } = statement;
  if (joined === undefined || reads.length === 1) {
    return reads.map((read) => ({ bound: bind(read), deliver: read.resolve }));
  }
  const args = joined.toArgs(reads.map((read) => read.args));
  const deliver = (rows: TextRow[]) => {
    for (const read of reads) read.resolve(rows.filter((row) => joined.isFor(read.args, row)));
  };
  return [{ bound: bind({ statement: joined.statement, args, operation }), deliver }];
}
