import { createHash } from 'node:crypto';
import { type ClientBase, escapeIdentifier } from 'pg';
import { type CopyStreamQuery, from, type CopyToStreamQuery, to } from 'pg-copy-streams';
import { type Table, toSqlName } from './tables.ts';

/** What a table's rows come to, as PostgreSQL's COPY writes them. */
export interface Totals {
  readonly rows: number;
  readonly bytes: number;
  readonly sha256: string;
}

/**
 * Fixes for one transaction whatever decides how a value is written, so that the same rows are the same bytes on every
 * server; and takes away the time limits that an operator may have set for ordinary work.
 */
export const canonicalSettings = `
set local client_encoding = 'UTF8';
set local datestyle = 'ISO, YMD';
set local timezone = 'UTC';
set local intervalstyle = 'iso_8601';
set local extra_float_digits = 3;
set local bytea_output = 'hex';
set local statement_timeout = 0;
set local idle_in_transaction_session_timeout = 0`;

/** Lifts a limit that PostgreSQL has since 17. A query, so it comes after a snapshot's locks. */
export async function liftTransactionTimeout(client: ClientBase): Promise<void> {
  await client.query(`select set_config(name, '0', true) from pg_settings where name = 'transaction_timeout'`);
}

/** All rows of a table in the order of its key, as COPY text. */
export function readRows(client: ClientBase, table: Table): CopyToStreamQuery {
  const order = table.key.map(escapeIdentifier).join(', ');
  return client.query(to(`copy (select ${toColumnList(table)} from ${toSqlName(table)} order by ${order}) to stdout`));
}

/** Takes rows as COPY text. */
export function writeRows(client: ClientBase, table: Table): CopyStreamQuery {
  return client.query(from(`copy ${toSqlName(table)} (${toColumnList(table)}) from stdin`));
}

export function toColumnList({ columns }: Pick<Table, 'columns'>): string {
  return columns.map(({ name }) => escapeIdentifier(name)).join(', ');
}

export interface Tally {
  add(chunk: Buffer): void;
  readonly rows: number;
  readonly bytes: number;
  toTotals(): Totals;
}

/** Counts and hashes COPY text as it goes by. */
export function createTally(): Tally {
  const hash = createHash('sha256');
  let [rows, bytes] = [0, 0];
  return {
    add(chunk) {
      hash.update(chunk);
      bytes += chunk.length;
      // COPY text writes a line feed within a value as `\n`, so each one there is ends a row.
      for (let at = chunk.indexOf(10); at !== -1; at = chunk.indexOf(10, at + 1)) rows += 1;
    },
    get rows() {
      return rows;
    },
    get bytes() {
      return bytes;
    },
    toTotals: () => ({ rows, bytes, sha256: hash.digest('hex') }),
  };
}
