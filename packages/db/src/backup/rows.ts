import { createHash } from 'node:crypto';
import { type ClientBase, escapeIdentifier } from 'pg';
import { type CopyStreamQuery, from, type CopyToStreamQuery, to } from 'pg-copy-streams';
import { type BackupTable, toSqlName } from './catalog.ts';

/** Identifies the rows of a table by their COPY text. */
export interface TableDigest {
  readonly rows: number;
  readonly bytes: number;
  /** Hexadecimal. */
  readonly sha256: string;
}

/**
 * Settings for one transaction. They fix the text format of every value, so that equal rows are equal bytes on every
 * server, and disable the time limits that an operator may have set for ordinary work.
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

/** Disables a limit that exists since PostgreSQL 17. This is a query, so a snapshot must take its locks first. */
export async function disableTransactionTimeout(client: ClientBase): Promise<void> {
  await client.query(`select set_config(name, '0', true) from pg_settings where name = 'transaction_timeout'`);
}

/** Reads all rows of a table as COPY text, in the order of the key. */
export function readRows(client: ClientBase, table: BackupTable): CopyToStreamQuery {
  const order = table.key.map(escapeIdentifier).join(', ');
  return client.query(to(`copy (select ${toColumnList(table)} from ${toSqlName(table)} order by ${order}) to stdout`));
}

/** Writes rows, given as COPY text, into a table. */
export function writeRows(client: ClientBase, table: BackupTable): CopyStreamQuery {
  return client.query(from(`copy ${toSqlName(table)} (${toColumnList(table)}) from stdin`));
}

export function toColumnList({ columns }: Pick<BackupTable, 'columns'>): string {
  return columns.map(({ name }) => escapeIdentifier(name)).join(', ');
}

export interface TableHash {
  update(chunk: Buffer): void;
  /** Rows so far. */
  readonly rows: number;
  /** Bytes so far. */
  readonly bytes: number;
  digest(): TableDigest;
}

/** Counts and hashes a stream of COPY text. */
export function createTableHash(): TableHash {
  const hash = createHash('sha256');
  let [rows, bytes] = [0, 0];
  return {
    update(chunk) {
      hash.update(chunk);
      bytes += chunk.length;
      // COPY text escapes a line feed within a value as `\n`, so every line feed ends a row.
      for (let at = chunk.indexOf(10); at !== -1; at = chunk.indexOf(10, at + 1)) rows += 1;
    },
    get rows() {
      return rows;
    },
    get bytes() {
      return bytes;
    },
    digest: () => ({ rows, bytes, sha256: hash.digest('hex') }),
  };
}
