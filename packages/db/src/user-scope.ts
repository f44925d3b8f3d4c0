import type { EntityManager } from '@mikro-orm/postgresql';
import { CompiledQuery } from 'kysely';
import { isLostConnection, toNamedError } from './driver-error.ts';
import { InvalidValueError, ReadOnlyWorkError } from './errors.ts';
import type { BoundStatement, RunUnit } from './one-trip.ts';
import { type Opening, toUserOpening } from './opening.ts';
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
   * savepoint.
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
  readonly runUnit: RunUnit;
  fork(opening: Opening): EntityManager;
}

const uuid = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;

/** @throws InvalidValueError for a user id that is no UUID in lower case. */
export function createUserScope(connections: Connections, options: UserScopeOptions): UserScope {
  if (!uuid.test(options.userId)) throw new InvalidValueError('A user id must be a UUID in lower case.');
  const opening = toUserOpening(options);
  const runUnit = (statements: readonly BoundStatement[]) => connections.runUnit(opening, statements);
  const runRead = options.joinReads ? joinReads(runUnit) : repeatRead(runUnit);
  const scope: UserScope = {
    userId: options.userId,
    profile: options.profile,
    cursorKey: options.cursorKey,
    run: async (statement, args) => {
      const bound = { name: statement.name, text: statement.text, values: statement.toValues(args) };
      try {
        if (statement.isRead) return await runRead(bound);
        return (await runUnit([bound]))[0]!;
      } catch (error) {
        throw toNamedError(error);
      }
    },
    transaction: (work) => inTransaction(connections, opening, (em) => work(toTransactionScope(scope, em))),
  };
  return scope;
}

/** Runs work on an entity manager of its own, in a transaction that begins with the opening. */
export async function inTransaction<Result>(
  connections: Connections,
  opening: Opening,
  work: (em: EntityManager) => Promise<Result>,
): Promise<Result> {
  try {
    return await connections.fork(opening).transactional(work, { readOnly: opening.readOnly });
  } catch (error) {
    const isWrite = error instanceof Error && 'code' in error && error.code === '25006';
    throw isWrite && opening.readOnly ? new ReadOnlyWorkError({ cause: error }) : toNamedError(error);
  }
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

type RunStatements = (statements: readonly BoundStatement[]) => Promise<TextRow[][]>;
type RunRead = (statement: BoundStatement) => Promise<TextRow[]>;

/** Asks a second time where the connection broke, as many do when a server restarts or suspends: a read does no harm. */
function repeatRead(runUnit: RunStatements): RunRead {
  return async (statement) => {
    const attempt = async () => (await runUnit([statement]))[0]!;
    try {
      return await attempt();
    } catch (error) {
      if (isLostConnection(error)) return attempt();
      throw error;
    }
  };
}

interface WaitingRead {
  readonly statement: BoundStatement;
  readonly resolve: (rows: TextRow[]) => void;
  readonly reject: (error: unknown) => void;
}

/**
 * Gathers the reads of one turn of the event loop into one unit. Where that fails, each is asked alone: one bad read
 * shall not fail its siblings.
 */
function joinReads(runUnit: RunStatements): RunRead {
  let waiting: WaitingRead[] = [];

  async function flush(): Promise<void> {
    const reads = waiting;
    waiting = [];
    try {
      const results = await runUnit(reads.map(({ statement }) => statement));
      reads.forEach(({ resolve }, at) => resolve(results[at]!));
    } catch {
      for (const { statement, resolve, reject } of reads) {
        runUnit([statement]).then(([rows]) => resolve(rows!), reject);
      }
    }
  }

  return (statement) =>
    new Promise((resolve, reject) => {
      if (waiting.push({ statement, resolve, reject }) === 1) setImmediate(() => void flush());
    });
}
