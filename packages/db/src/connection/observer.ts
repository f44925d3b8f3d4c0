import type { Operation } from '@holdfast/operation';
import { redactSql } from './redact-sql.ts';

/** Callbacks for database activity. They must not throw. */
export interface DatabaseObserver {
  /** A statement has ended. */
  onStatement?(report: StatementReport): void;
  /** A transaction or an attempt to connect is about to be retried. */
  onRetry?(cause: RetryCause, operation: Operation | null): void;
  /**
   * A transaction of a user that may have changed the user's rows has ended, or its outcome is unknown. Streams of changes wait
   * for it.
   */
  onUserWrite?(userId: string): void;
  /** Work across all users has ended. */
  onWorkAcrossUsers?(report: WorkAcrossUsers): void;
}

/** A report of work across all users that has ended. Times are in milliseconds. */
export interface WorkAcrossUsers {
  readonly operation: Operation | null;
  readonly mayWrite: boolean;
  /** Unix time. */
  readonly startedAt: number;
  readonly durationMs: number;
  /** The code of the error, or its name if it has no code; null if the transaction was committed. */
  readonly errorCode: string | null;
}

/** The cause of a retry. The first three are SQLSTATE 40001, 40P01 and 55P03. */
export type RetryCause = 'serialization' | 'deadlock' | 'lock' | 'connection';

/** A report of one statement that has ended. Times are in milliseconds. */
export class StatementReport {
  readonly operation: Operation | null;
  /** The name of a prepared statement of Holdfast; null for statements of the entity manager. */
  readonly name: string | null;
  /** Unix time. */
  readonly startedAt: number;
  /** How long the transaction waited for a connection; 0 for every statement after the first. */
  readonly waitMs: number;
  /** From sending the statement, or its pipeline, to the response. */
  readonly durationMs: number;
  /** How many rows it returned or changed. */
  readonly rows: number;
  /** The SQLSTATE or the driver's code of the error, or its name if it has no code; null on success. */
  readonly errorCode: string | null;
  readonly #text: string;

  constructor(fields: Omit<StatementReport, 'sql'>, text: string) {
    this.operation = fields.operation;
    this.name = fields.name;
    this.startedAt = fields.startedAt;
    this.waitMs = fields.waitMs;
    this.durationMs = fields.durationMs;
    this.rows = fields.rows;
    this.errorCode = fields.errorCode;
    this.#text = text;
  }

  /** The SQL text with all values redacted. */
  get sql(): string {
    return redactSql(this.#text);
  }
}
