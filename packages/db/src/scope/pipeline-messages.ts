import type { Connection } from 'pg';
import { serialize } from 'pg-protocol';
import { findPreparedNames, type Prepared, pushUnnamed } from './prepared-names.ts';
import type { TransactionFrame } from './transaction-frame.ts';

/** Bytes of messages that are written in one turn of the event loop, unless those of a single transaction are more. */
const bytesAtOnce = 64 * 1024;

const sync = serialize.sync();

export interface TransactionMessages {
  readonly statements: readonly Prepared[];
  readonly frame: TransactionFrame;
}

/**
 * Writes the messages of transactions to a connection without waiting for a response. Long ones are written in several turns of the
 * event loop, so that other requests need not wait until all are complete.
 */
export class PipelineMessages {
  readonly #transactions: readonly TransactionMessages[];
  readonly #usesPreparedStatements: boolean;
  /** The names that each written transaction prepares. */
  readonly #names: string[][] = [];
  readonly #earlierNames = new Set<string>();

  constructor(transactions: readonly TransactionMessages[], usesPreparedStatements: boolean) {
    this.#transactions = transactions;
    this.#usesPreparedStatements = usesPreparedStatements;
  }

  /** Writes the messages of the transaction at this index, if they are not written yet. Returns the names that it prepares. */
  write(connection: Connection, at: number): string[] {
    if (at === this.#names.length) this.#writeNext(connection);
    if (at === 0) this.#writeLater(connection);
    return this.#names[at]!;
  }

  #writeLater(connection: Connection): void {
    if (this.#areAllWritten) return;
    setImmediate(() => {
      if (connection.stream.destroyed || this.#areAllWritten) return;
      this.#writeNext(connection);
      this.#writeLater(connection);
    });
  }

  get #areAllWritten(): boolean {
    return this.#names.length === this.#transactions.length;
  }

  #writeNext(connection: Connection): void {
    const messages: Buffer[] = [];
    let bytes = 0;
    while (!this.#areAllWritten && bytes < bytesAtOnce) {
      const first = messages.length;
      this.#push(messages, connection);
      for (const message of messages.slice(first)) bytes += message.length;
    }
    connection.stream.write(Buffer.concat(messages));
  }

  #push(messages: Buffer[], connection: Connection): void {
    const { statements, frame } = this.#transactions[this.#names.length]!;
    const all = [...frame.before, ...statements];
    let names: string[] = [];
    if (this.#usesPreparedStatements) names = findPreparedNames(connection).push(messages, all, this.#earlierNames);
    else for (const statement of all) pushUnnamed(messages, statement);
    for (const name of names) this.#earlierNames.add(name);
    this.#names.push(names);
    messages.push(sync);
    if (frame.end === undefined) return;
    pushUnnamed(messages, frame.end);
    messages.push(sync);
  }
}
