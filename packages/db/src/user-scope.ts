import type { EntityManager, MikroORM } from '@mikro-orm/postgresql';
import type { Compilable, CompiledQuery, Kysely } from 'kysely';
import { InvalidValueError, toNamedError } from './errors.ts';
import { appRole } from './roles.ts';
import type { Tables } from './tables.ts';

/** What a token says of its bearer beside the id. */
export interface Profile {
  email: string | null;
  name: string | null;
}

/** A statement, written against the tables. */
export type Statement<Row> = (sql: Kysely<Tables>) => Compilable<Row>;

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
  /** Runs one statement, as a transaction of its own or in the running one. */
  run<Row>(statement: Statement<Row>): Promise<Row[]>;
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
}

const uuid = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;

/** @throws InvalidValueError for a user id that is no UUID in lower case. */
export function createUserScope(orm: MikroORM, options: UserScopeOptions): UserScope {
  if (!uuid.test(options.userId)) throw new InvalidValueError('A user id must be a UUID in lower case.');
  const scope: UserScope = {
    userId: options.userId,
    profile: options.profile,
    cursorKey: options.cursorKey,
    run: (statement) => scope.transaction((inner) => inner.run(statement)),
    transaction: (work) => inUnit(orm, openingOf(options), (em) => work(toTransactionScope(scope, em))),
  };
  return scope;
}

/** Runs work on an entity manager of its own, in a transaction that begins with the opening. */
export async function inUnit<Result>(
  orm: MikroORM,
  opening: Opening,
  work: (em: EntityManager) => Promise<Result>,
): Promise<Result> {
  try {
    return await orm.em
      .fork({ session: { variables: opening.variables } })
      .transactional(work, { readOnly: opening.readOnly });
  } catch (error) {
    throw toNamedError(error);
  }
}

/** How a unit of work opens: what is set for its transaction, and for no longer, before its first statement. */
export interface Opening {
  variables: Record<string, string>;
  readOnly: boolean;
}

function openingOf({ userId, statementTimeoutMs }: UserScopeOptions): Opening {
  return {
    variables: { role: appRole, 'app.user_id': userId, statement_timeout: String(statementTimeoutMs) },
    readOnly: false,
  };
}

function toTransactionScope(scope: UserScope, em: EntityManager): TransactionScope {
  return {
    ...scope,
    em,
    run: <Row>(statement: Statement<Row>) => execute(em, statement),
    transaction: (work) => em.transactional((inner) => work(toTransactionScope(scope, inner))),
  };
}

async function execute<Row>(em: EntityManager, statement: Statement<Row>): Promise<Row[]> {
  const sql = em.getKysely<Tables>();
  const compiled = statement(sql).compile() as CompiledQuery<Row>;
  return (await sql.executeQuery(compiled)).rows;
}
