import { type RawBuilder, sql } from 'kysely';
import { createStatement, type Parameters, type Statement } from '../scope/prepared-statement.ts';

/** Compiles a query that runs on the primary only: a replica may not know the row of the log that a cursor names. */
export function createPrimaryStatement<Args extends object>(
  name: string,
  toQuery: (value: Parameters<Args>['value']) => RawBuilder<unknown>,
): Statement<Args> {
  return createStatement<Args>(
    name,
    (db, { value }) => db.selectFrom(sql`(${toQuery(value)})`.as<'page'>(sql`page`)).selectAll(),
    { isOnPrimary: true },
  );
}
