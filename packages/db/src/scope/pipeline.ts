import type { Operation } from '@holdfast/operation';
import type { Connection, Submittable } from 'pg';
import { DatabaseError, serialize } from 'pg-protocol';
import { markDriverError } from '../connection/driver-error.ts';
import { findPreparedNames, type Prepared, pushUnnamed } from './prepared-names.ts';
import type { TextRow } from './prepared-statement.ts';
import { type SessionSettings, settingsStatement } from './session-settings.ts';

/** A statement with its values. */
export interface BoundStatement extends Prepared {
  readonly name: string;
  readonly isRead: boolean;
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
  /** All transactions have ended. @param isBroken Whether the connection must not be used again. */
  onEnd(isBroken: boolean): void;
}

const sync = serialize.sync();

/**
 * Transactions whose messages are all sent in one write. node-postgres calls the handlers with the messages of the response, as
 * it does for its own queries and cursors. It ends each query with its ReadyForQuery, so the pipeline is submitted once for each
 * transaction.
 *
 * Each transaction ends with a Sync. Without BEGIN, PostgreSQL runs everything up to the Sync as one transaction, so the settings
 * apply to exactly these statements, and all of them commit or roll back together. After an error, PostgreSQL skips the messages
 * up to the Sync, and then runs the next transaction.
 * Source: PostgreSQL manual, "Frontend/Backend Protocol", "Message Flow", "Extended Query".
 */
export class Pipeline implements Submittable {
  readonly #transactions: readonly PipelineTransaction[];
  readonly #usesPreparedStatements: boolean;
  readonly #callbacks: PipelineCallbacks;
  /** The names that each transaction prepares. */
  #names: string[][] | undefined;
  /** Index of the transaction that is running. */
  #at = 0;
  /** Index of its statement that is running; -1 for the settings. */
  #current = -1;
  #rows: TextRow[][] = [];
  /** The command tag of the latest statement, such as `INSERT 0 1`. */
  #tag = '';

  constructor(
    transactions: readonly PipelineTransaction[],
    usesPreparedStatements: boolean,
    callbacks: PipelineCallbacks,
  ) {
    this.#transactions = transactions;
    this.#usesPreparedStatements = usesPreparedStatements;
    this.#callbacks = callbacks;
  }

  submit(connection: Connection): void {
    this.#names ??= this.#send(connection);
    this.#current = -1;
    this.#rows = this.#statements.map(() => []);
    findPreparedNames(connection).begin(this.#names[this.#at]!);
  }

  get #statements(): readonly BoundStatement[] {
    return this.#transactions[this.#at]!.statements;
  }

  #send(connection: Connection): string[][] {
    const messages: Buffer[] = [];
    const earlier = new Set<string>();
    const prepared = findPreparedNames(connection);
    const sent = this.#transactions.map(({ settings, statements }) => {
      const all = [{ ...settingsStatement, values: settingsStatement.toValues(settings) }, ...statements];
      let names: string[] = [];
      if (this.#usesPreparedStatements) names = prepared.push(messages, all, earlier);
      else for (const statement of all) pushUnnamed(messages, statement);
      for (const name of names) earlier.add(name);
      messages.push(sync);
      return names;
    });
    connection.stream.write(Buffer.concat(messages));
    return sent;
  }

  handleDataRow({ fields }: { fields: TextRow }): void {
    if (this.#current >= 0) this.#rows[this.#current]!.push(fields);
  }

  handleCommandComplete({ text }: { text: string }): void {
    const completed = this.#current++;
    if (completed < 0) return;
    this.#tag = text;
    this.#callbacks.onStatement(this.#statements[completed]!, this.#rows[completed]!.length);
  }

  /** The transaction is committed only now: the commit can fail after the last statement succeeded. */
  handleReadyForQuery(): void {
    this.#endTransaction({ rows: this.#rows, isUnchanged: this.#tag.endsWith(' 0') });
  }

  handleError(error: Error, connection: Connection): void {
    const statements = this.#statements;
    markDriverError(error);
    const isLost = !(error instanceof DatabaseError);
    const failed = isLost ? Math.max(0, this.#current) : this.#current;
    // An index below or above the statements means that the settings or the commit failed.
    if (failed >= 0 && failed < statements.length) this.#callbacks.onStatement(statements[failed]!, 0, error);
    if (isLost) return this.#endAll(error);
    findPreparedNames(connection).fail(isOutdatedPlan(error) ? statements.map(({ preparedName }) => preparedName) : []);
    this.#endAfter(error, connection);
  }

  /** node-postgres does not call handleReadyForQuery after an error, but the connection is usable only after ReadyForQuery. */
  #endAfter(error: DatabaseError, connection: Connection): void {
    const end = (act: () => void) => () => {
      connection.off('readyForQuery', onReady);
      connection.off('end', onClosed);
      act();
    };
    const onReady = end(() => this.#endTransaction(toFailure(error)));
    const onClosed = end(() => {
      this.#callbacks.onOutcome(toFailure(error));
      this.#at += 1;
      // After a fatal error, the server runs nothing more. Otherwise, the outcome of the next transactions is unknown.
      this.#endAll(error.severity === 'FATAL' ? error : toLostConnection());
    });
    connection.once('readyForQuery', onReady);
    connection.once('end', onClosed);
  }

  #endTransaction(outcome: PipelineOutcome): void {
    this.#callbacks.onOutcome(outcome);
    this.#at += 1;
    if (this.#at < this.#transactions.length) this.#callbacks.onNext();
    else this.#callbacks.onEnd(false);
  }

  /** The connection is lost. */
  #endAll(error: Error): void {
    for (; this.#at < this.#transactions.length; this.#at += 1) this.#callbacks.onOutcome(toFailure(error));
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

function toLostConnection(): Error {
  return markDriverError(new Error('Connection terminated unexpectedly'));
}

/** "cached plan must not change result type": a migration has changed a column. */
export function isOutdatedPlan(error: DatabaseError): boolean {
  return error.code === '0A000' && error.routine === 'RevalidateCachedQuery';
}
