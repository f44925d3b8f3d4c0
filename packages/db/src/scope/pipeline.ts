import type { Operation } from '@holdfast/operation';
import type { Connection, Submittable } from 'pg';
import { DatabaseError } from 'pg-protocol';
import { markDriverError } from '../connection/driver-error.ts';
import { DatabaseUnavailableError } from '../errors.ts';
import { PipelineMessages } from './pipeline-messages.ts';
import { findPreparedNames, type Prepared } from './prepared-names.ts';
import type { TextRow } from './prepared-statement.ts';
import type { SessionSettings } from './session-settings.ts';
import { createFrame, type SettingsForm, type TransactionFrame } from './transaction-frame.ts';

/** A statement with its values. */
export interface BoundStatement extends Prepared {
  readonly name: string;
  readonly isRead: boolean;
  readonly isLong: boolean;
  readonly isIdempotent: boolean;
  readonly operation: Operation | null;
}

/** A transaction with statements that are known before it starts. */
export interface PipelineTransaction {
  readonly settings: SessionSettings;
  readonly statements: readonly BoundStatement[];
}

/** The end of one transaction. */
export interface PipelineOutcome {
  /** Absent if the transaction is committed. */
  readonly error?: Error;
  /** The rows of each statement. */
  readonly rows: TextRow[][];
  /** Whether the last statement returned or changed no row. In a write, it is the statement that logs the change. */
  readonly isUnchanged: boolean;
}

export interface PipelineCallbacks {
  /** A statement has completed or failed. */
  onStatement(statement: BoundStatement, rows: number, error?: Error): void;
  /** The next transaction in order has ended. */
  onOutcome(outcome: PipelineOutcome): void;
  /** The next transaction is running. The callback must submit the pipeline to its client again. */
  onNext(): void;
  /** The COMMIT of the transaction is running. The callback must submit the pipeline to its client again. */
  onCommit(): void;
  /** All transactions have ended. @param isBroken Whether the connection must not be used again. */
  onEnd(isBroken: boolean): void;
}

export interface PipelineOptions {
  readonly usesPreparedStatements: boolean;
  readonly form: SettingsForm;
}

/**
 * Transactions whose messages are sent without waiting for a response. node-postgres calls the handlers with the messages of the
 * response, as it does for its own queries and cursors. It ends each query with its ReadyForQuery, so the pipeline is submitted once
 * for each transaction, and once more for a COMMIT.
 *
 * Each transaction ends with a Sync. Without BEGIN, PostgreSQL runs everything up to the Sync as one transaction, so the settings
 * apply to exactly these statements, and all of them commit or roll back together. After an error, PostgreSQL skips the messages
 * up to the Sync, and then runs the next transaction. With BEGIN, the COMMIT has a Sync of its own, so that PostgreSQL does not
 * skip it: after an error, it rolls back.
 * Source: PostgreSQL manual, "Frontend/Backend Protocol", "Message Flow", "Extended Query".
 */
export class Pipeline implements Submittable {
  readonly #transactions: readonly PipelineTransaction[];
  readonly #frames: readonly TransactionFrame[];
  readonly #messages: PipelineMessages;
  readonly #callbacks: PipelineCallbacks;
  /** Index of the transaction that is running. */
  #at = 0;
  /** Index of its statement that is running; less than 0 for the settings. */
  #current = -1;
  #rows: TextRow[][] = [];
  /** The command tag of the latest statement, such as `INSERT 0 1`. */
  #tag = '';
  /** What the COMMIT ends. Absent before it runs. */
  #toCommit: PipelineOutcome | undefined;

  constructor(
    transactions: readonly PipelineTransaction[],
    { usesPreparedStatements, form }: PipelineOptions,
    callbacks: PipelineCallbacks,
  ) {
    this.#transactions = transactions;
    this.#frames = transactions.map(({ settings }) => createFrame(form, settings));
    const messages = transactions.map(({ statements }, at) => ({ statements, frame: this.#frames[at]! }));
    this.#messages = new PipelineMessages(messages, usesPreparedStatements);
    this.#callbacks = callbacks;
  }

  submit(connection: Connection): void {
    if (this.#toCommit !== undefined) return;
    const names = this.#messages.write(connection, this.#at);
    this.#current = -this.#frame.before.length;
    this.#rows = this.#statements.map(() => []);
    findPreparedNames(connection).begin(names);
  }

  get #statements(): readonly BoundStatement[] {
    return this.#transactions[this.#at]!.statements;
  }

  get #frame(): TransactionFrame {
    return this.#frames[this.#at]!;
  }

  handleDataRow({ fields }: { fields: TextRow }): void {
    if (this.#current >= 0) this.#rows[this.#current]!.push(fields);
  }

  handleCommandComplete({ text }: { text: string }): void {
    if (this.#toCommit !== undefined) return;
    const completed = this.#current++;
    if (completed < 0) return;
    this.#tag = text;
    this.#callbacks.onStatement(this.#statements[completed]!, this.#rows[completed]!.length);
  }

  /** The transaction is committed only now: the commit can fail after the last statement succeeded. */
  handleReadyForQuery(): void {
    this.#endPart({ rows: this.#rows, isUnchanged: this.#tag.endsWith(' 0') });
  }

  handleError(error: Error, connection: Connection): void {
    markDriverError(error);
    const isLost = !(error instanceof DatabaseError);
    const statements = this.#statements;
    // An index below or above the statements means that the settings or the commit failed.
    const failed = isLost ? Math.max(0, this.#current) : this.#current;
    if (failed >= 0 && failed < statements.length) this.#callbacks.onStatement(statements[failed]!, 0, error);
    // The first error is the reason that nothing was applied.
    const ended = this.#toCommit?.error === undefined ? this.#toNamed(error) : this.#toCommit.error;
    if (isLost) return this.#endAll(ended, error);
    if (this.#toCommit === undefined) {
      const outdated = isOutdatedPlan(error) ? statements.map(({ preparedName }) => preparedName) : [];
      findPreparedNames(connection).fail(outdated);
    }
    this.#endAfter(error, ended, connection);
  }

  /** The error with what is known about the outcome because of its place in the transaction. */
  #toNamed(error: Error): Error {
    if (this.#frame.end === undefined || !(error instanceof DatabaseError)) return error;
    const isConnection = error.code?.startsWith('08') === true;
    // A node may have applied the COMMIT without a response.
    const isUnknown = isConnection || error.severity === 'FATAL' || isUnexplained(error);
    if (this.#toCommit !== undefined) return isUnknown ? toLostConnection(error) : error;
    // Before the COMMIT, nothing was applied, also if Citus has lost the connection to another node, or if the COMMIT of the
    // previous transaction was cancelled.
    const isUndone = (isConnection && error.severity !== 'FATAL') || error.code === '25P02';
    return isUndone ? new DatabaseUnavailableError({ cause: error, isRetryable: true }) : error;
  }

  /** node-postgres does not call handleReadyForQuery after an error, but the connection is usable only after ReadyForQuery. */
  #endAfter(error: DatabaseError, ended: Error, connection: Connection): void {
    const end = (act: () => void) => () => {
      connection.off('readyForQuery', onReady);
      connection.off('end', onClosed);
      act();
    };
    const onReady = end(() => this.#endPart(toFailure(ended)));
    // After a fatal error, the server runs nothing more. Otherwise, the outcome of the next transactions is unknown.
    const onClosed = end(() => this.#endAll(ended, error.severity === 'FATAL' ? error : toLostConnection()));
    connection.once('readyForQuery', onReady);
    connection.once('end', onClosed);
  }

  /** The statements of a transaction have ended, or its COMMIT. */
  #endPart(outcome: PipelineOutcome): void {
    if (this.#frame.end !== undefined && this.#toCommit === undefined) {
      this.#toCommit = outcome;
      this.#callbacks.onCommit();
      return;
    }
    const isFailed = outcome.error !== undefined;
    const ended = isFailed ? outcome : (this.#toCommit ?? outcome);
    this.#toCommit = undefined;
    this.#callbacks.onOutcome(ended);
    this.#at += 1;
    if (this.#at < this.#transactions.length) this.#callbacks.onNext();
    else this.#callbacks.onEnd(false);
  }

  /** The connection is lost. @param error The error of the running transaction. @param next The error of all later ones. */
  #endAll(error: Error, next: Error): void {
    this.#callbacks.onOutcome(toFailure(error));
    for (this.#at += 1; this.#at < this.#transactions.length; this.#at += 1) {
      this.#callbacks.onOutcome(toFailure(next));
    }
    this.#callbacks.onEnd(true);
  }

  handleRowDescription(): void {}
  handleEmptyQuery(): void {}
  handlePortalSuspended(): void {}
  handleCopyInResponse(): void {}
  handleCopyData(): void {}
}

export function toFailure(error: Error): PipelineOutcome {
  return { error, rows: [], isUnchanged: true };
}

function toLostConnection(cause?: Error): Error {
  return markDriverError(new Error('Connection terminated unexpectedly', { cause }));
}

/** Whether the code does not say why a COMMIT failed. PostgreSQL has a code for each reason to roll back. */
function isUnexplained({ code }: DatabaseError): boolean {
  return code === undefined || code.startsWith('XX');
}

/** "cached plan must not change result type": a migration has changed a column. */
export function isOutdatedPlan(error: DatabaseError): boolean {
  return error.code === '0A000' && error.routine === 'RevalidateCachedQuery';
}
