import type { Operation } from '@holdfast/operation';
import type { Connection, Submittable } from 'pg';
import { DatabaseError, serialize } from 'pg-protocol';
import { markDriverError } from '../connection/driver-error.ts';
import type { InstrumentedPool } from '../connection/pool.ts';
import { findEndError } from '../connection/statement-monitor.ts';
import type { Text, TextRow } from './prepared-statement.ts';
import { type SessionSettings, settingsStatement } from './session-settings.ts';

interface Prepared {
  readonly preparedName: string;
  readonly text: string;
  readonly values: Text[];
}

/** A statement with its values. */
export interface BoundStatement extends Prepared {
  readonly name: string;
  readonly isIdempotent: boolean;
  readonly takesRevision?: true | undefined;
  readonly operation: Operation | null;
}

/** A transaction with statements that are known before it starts. */
export interface PipelineTransaction {
  readonly settings: SessionSettings;
  readonly statements: readonly BoundStatement[];
}

/** Runs a transaction in one round trip and returns the rows of each statement. */
export type RunPipeline = (transaction: PipelineTransaction) => Promise<TextRow[][]>;

/**
 * Creates the function that runs transactions as pipelines.
 *
 * All messages are sent in one write with a single Sync at the end. Without BEGIN, PostgreSQL runs everything up to the
 * Sync as one transaction, so the settings apply to exactly these statements, and all of them commit or roll back together.
 * Source: PostgreSQL manual, "Frontend/Backend Protocol", "Message Flow", "Extended Query".
 */
export function createPipelineRunner(pool: InstrumentedPool): RunPipeline {
  let usesPreparedStatements = true;
  return async (transaction) => {
    // After a migration, each connection may have an outdated plan.
    for (let attempt = 0; ; attempt++) {
      try {
        return await attemptPipeline(pool, transaction, usesPreparedStatements);
      } catch (error) {
        const recovery = findRecovery(error);
        if (recovery === undefined || attempt > pool.options.max) throw error;
        if (recovery === 'use unnamed statements') usesPreparedStatements = false;
      }
    }
  };
}

type Recovery = 'use unnamed statements' | 'prepare again';

/** Handles errors about the preparation of a statement. Such a statement has not run, so it may be sent again. */
function findRecovery(error: unknown): Recovery | undefined {
  if (!(error instanceof DatabaseError)) return undefined;
  // A pooler shares connections between clients, so a name can be missing or already in use.
  if (error.code === '26000' || error.code === '42P05') return 'use unnamed statements';
  return isOutdatedPlan(error) ? 'prepare again' : undefined;
}

/** "cached plan must not change result type": a migration has changed a column. */
function isOutdatedPlan(error: DatabaseError): boolean {
  return error.code === '0A000' && error.routine === 'RevalidateCachedQuery';
}

function attemptPipeline(
  pool: InstrumentedPool,
  transaction: PipelineTransaction,
  usesPreparedStatements: boolean,
): Promise<TextRow[][]> {
  const { settings, statements } = transaction;
  // All statements of a pipeline belong to one request.
  const operation = statements[0]?.operation ?? null;
  return new Promise((resolve, reject) => {
    pool.acquire((connectError, client, release) => {
      if (client === undefined) return reject(connectError!);
      const endError = findEndError(operation);
      if (endError !== undefined) {
        queueMicrotask(() => release?.());
        return reject(endError);
      }
      const { monitor } = pool;
      const limitMs = settings.statementTimeoutMs;
      const running = monitor.begin(client, { operation, limitMs, waitMs: client.takeWait() });
      const settle = ({ error, rows, isBroken }: PipelineResult) => {
        release?.(isBroken);
        if (error === undefined) resolve(rows);
        else reject(error);
      };
      const pipeline = new Pipeline(transaction, usesPreparedStatements, {
        onStatement: (at, rows, error) => monitor.record(running, statements[at]!, { rows, error }),
        onEnd: (result) => {
          const cancelled = monitor.end(running);
          if (cancelled === undefined) settle(result);
          else void cancelled.then(() => settle({ ...result, isBroken: client.connection.stream.destroyed }));
        },
      });
      client.submit(pipeline);
    });
  });
}

/** The state of the prepared statements of one connection. */
interface PreparedNames {
  readonly ready: Set<string>;
  /** Prepared before a table changed. */
  readonly outdated: Set<string>;
  /** Sent and not confirmed, in order. */
  pending: string[];
}

const preparedNames = new WeakMap<Connection, PreparedNames>();

/** A statement is prepared only after ParseComplete: its Bind can fail after its Parse succeeded, and the reverse. */
function findPreparedNames(connection: Connection): PreparedNames {
  const known = preparedNames.get(connection);
  if (known !== undefined) return known;
  const names: PreparedNames = { ready: new Set(), outdated: new Set(), pending: [] };
  preparedNames.set(connection, names);
  connection.on('parseComplete', () => {
    const name = names.pending.shift();
    if (name === undefined) return;
    names.ready.add(name);
    names.outdated.delete(name);
  });
  return names;
}

const execute = serialize.execute();
const sync = serialize.sync();

interface PipelineResult {
  error?: Error;
  rows: TextRow[][];
  /** Whether the connection must not be used again. */
  isBroken: boolean;
}

interface PipelineCallbacks {
  /** A statement has completed or failed. */
  onStatement(at: number, rows: number, error?: Error): void;
  onEnd(result: PipelineResult): void;
}

/** node-postgres calls the handlers with the messages of the response, as it does for its own queries and cursors. */
class Pipeline implements Submittable {
  readonly #transaction: PipelineTransaction;
  readonly #usesPreparedStatements: boolean;
  readonly #rows: TextRow[][];
  readonly #callbacks: PipelineCallbacks;
  /** Index of the statement that is running; -1 for the settings. */
  #current = -1;

  constructor(transaction: PipelineTransaction, usesPreparedStatements: boolean, callbacks: PipelineCallbacks) {
    this.#transaction = transaction;
    this.#usesPreparedStatements = usesPreparedStatements;
    this.#rows = transaction.statements.map(() => []);
    this.#callbacks = callbacks;
  }

  submit(connection: Connection): void {
    const messages: Buffer[] = [];
    const { settings, statements } = this.#transaction;
    const all = [{ ...settingsStatement, values: settingsStatement.toValues(settings) }, ...statements];
    if (this.#usesPreparedStatements) {
      const names = findPreparedNames(connection);
      names.pending = [];
      for (const statement of all) pushPrepared(messages, names, statement);
    } else {
      for (const { text, values } of all) {
        messages.push(serialize.parse({ text }), serialize.bind({ values }), execute);
      }
    }
    messages.push(sync);
    connection.stream.write(Buffer.concat(messages));
  }

  handleDataRow({ fields }: { fields: TextRow }): void {
    if (this.#current >= 0) this.#rows[this.#current]!.push(fields);
  }

  handleCommandComplete(): void {
    const completed = this.#current++;
    if (completed >= 0) this.#callbacks.onStatement(completed, this.#rows[completed]!.length);
  }

  /** The transaction is committed only now: the commit can fail after the last statement succeeded. */
  handleReadyForQuery(): void {
    this.#callbacks.onEnd({ rows: this.#rows, isBroken: false });
  }

  handleError(error: Error, connection: Connection): void {
    const { statements } = this.#transaction;
    markDriverError(error);
    const isLost = !(error instanceof DatabaseError);
    const failed = isLost ? Math.max(0, this.#current) : this.#current;
    // An index below or above the statements means that the settings or the commit failed.
    if (failed >= 0 && failed < statements.length) this.#callbacks.onStatement(failed, 0, error);
    if (isLost) return this.#callbacks.onEnd({ error, rows: [], isBroken: true });
    const names = findPreparedNames(connection);
    names.pending = [];
    if (isOutdatedPlan(error)) for (const { preparedName } of statements) names.outdated.add(preparedName);
    this.#endAfter(error, connection);
  }

  /** node-postgres does not call handleReadyForQuery after an error, but the connection is usable only after ReadyForQuery. */
  #endAfter(error: Error, connection: Connection): void {
    const end = (isBroken: boolean) => {
      connection.off('readyForQuery', onReady);
      connection.off('end', onClosed);
      this.#callbacks.onEnd({ error, rows: [], isBroken });
    };
    const onReady = () => end(false);
    const onClosed = () => end(true);
    connection.once('readyForQuery', onReady);
    connection.once('end', onClosed);
  }

  handleRowDescription(): void {}
  handleEmptyQuery(): void {}
  handlePortalSuspended(): void {}
  handleCopyInResponse(): void {}
  handleCopyData(): void {}
}

function pushPrepared(messages: Buffer[], names: PreparedNames, statement: Prepared): void {
  const { preparedName: name, text, values } = statement;
  const isOutdated = names.outdated.has(name);
  if (isOutdated) messages.push(serialize.close({ type: 'S', name }));
  if (isOutdated || (!names.ready.has(name) && !names.pending.includes(name))) {
    messages.push(serialize.parse({ name, text }));
    names.pending.push(name);
  }
  messages.push(serialize.bind({ statement: name, values }), execute);
}
