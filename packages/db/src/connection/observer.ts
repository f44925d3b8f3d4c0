import type { Operation } from '@holdfast/operation';
import { redactSql } from './redact-sql.ts';

/** Told of what happens on the way to the database. What it throws is nobody's: it must not throw. */
export interface DatabaseObserver {
  /** A statement has ended. */
  onStatement?(report: StatementReport): void;
  /** A unit of work is going to run again, or a connection to be asked for again. */
  onRetry?(cause: RetryCause, operation: Operation | null): void;
  /** Work that could see the rows of all users has ended. */
  onWorkAcrossUsers?(report: WorkAcrossUsers): void;
}

/** Work across all users that has ended. Times are in milliseconds. */
export interface WorkAcrossUsers {
  readonly operation: Operation | null;
  readonly mayWrite: boolean;
  /** Since 1970. */
  readonly startedAt: number;
  readonly durationMs: number;
  /** The code or the kind of the error it ended with; null when its transaction was committed. */
  readonly errorCode: string | null;
}

/** Why something is tried again; the first three by SQLSTATE 40001, 40P01 and 55P03. */
export type RetryCause = 'serialization' | 'deadlock' | 'lock' | 'connection';

/** One statement that has ended. Times are in milliseconds. */
export class StatementReport {
  readonly operation: Operation | null;
  /** The name of one of the product's own statements; null for those of the entity manager. */
  readonly name: string | null;
  /** Since 1970. */
  readonly startedAt: number;
  /** How long its unit of work had waited for a connection; 0 for all but the first statement. */
  readonly waitMs: number;
  /** From sending it, or the unit that it is part of, to its answer. */
  readonly durationMs: number;
  /** How many rows it gave or changed. */
  readonly rows: number;
  /** The SQLSTATE of its failure, or the driver's code, or the kind of the error; null when it succeeded. */
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

  /** The statement without any value. */
  get sql(): string {
    return redactSql(this.#text);
  }
}
