import type { ClientBase } from 'pg';

/** Runs SQL, and returns the rows. */
export type Query = <Row extends object>(sql: string) => Promise<Row[]>;

/** Runs SQL with values for `$1` and so on, and returns the rows. */
export type QueryWithValues = <Row extends object>(sql: string, values?: readonly unknown[]) => Promise<Row[]>;

/** Returns a function that runs SQL on a client. */
export function toClientQuery(client: ClientBase): QueryWithValues {
  return async <Row extends object>(sql: string, values: readonly unknown[] = []) =>
    (await client.query<Row>(sql, [...values])).rows;
}
