import type { Operation } from '@holdfast/operation';
import type { Connection, Submittable } from 'pg';
import { DatabaseError, serialize } from 'pg-protocol';
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
  readonly isRepeatable: boolean;
  /** What it is run for. */
  readonly operation: Operation | null;
}

/** A unit of work whose statements are known beforehand. */
export interface Unit {
  readonly opening: SessionSettings;
  readonly statements: readonly BoundStatement[];
}

/** Runs a unit as one transaction in one round trip, and gives the rows of each statement. */
export type RunPipeline = (unit: Unit) => Promise<TextRow[][]>;

/**
 * Makes the way to run units of work that are known whole beforehand.
 *
 * All messages go out in one write with a single Sync at the end. Without a BEGIN, PostgreSQL takes everything up to the
 * Sync as one transaction, so what the opening sets holds for exactly these statements, and they are kept or undone
 * together. (Message flow, extended query: PostgreSQL manual, "Frontend/Backend Protocol".)
 */
export function createPipelineRunner(pool: InstrumentedPool): RunPipeline {
  let isPreparing = true;
  return async (unit) => {
    // Each connection may have one plan that a migration has outdated.
    for (let attempt = 0; ; attempt++) {
      try {
        return await attemptPipeline(pool, unit, isPreparing);
      } catch (error) {
        const repair = findRepair(error);
        if (repair === undefined || attempt > pool.options.max) throw error;
        if (repair === 'stop preparing') isPreparing = false;
      }
    }
  };
}

type Repair = 'stop preparing' | 'prepare anew';

/** For errors about the preparation of a statement, not about the statement: nothing has happened, so it may run again. */
function findRepair(error: unknown): Repair | undefined {
  if (!(error instanceof DatabaseError)) return undefined;
  // A pooler in between hands out connections that other clients have prepared statements on.
  if (error.code === '26000' || error.code === '42P05') return 'stop preparing';
  return isOutdatedPlan(error) ? 'prepare anew' : undefined;
}

/** "Cached plan must not change result type": a migration has changed a column since. */
function isOutdatedPlan(error: DatabaseError): boolean {
  return error.code === '0A000' && error.routine === 'RevalidateCachedQuery';
}

function attemptPipeline(pool: InstrumentedPool, unit: Unit, isPreparing: boolean): Promise<TextRow[][]> {
  const { opening, statements } = unit;
  // Statements that travel together belong to one request.
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
      const limitMs = opening.statementTimeoutMs;
      const running = monitor.begin(client, { operation, limitMs, waitMs: client.takeWait() });
      const settle = ({ error, rows, isBroken }: End) => {
        release?.(isBroken);
        if (error === undefined) resolve(rows);
        else reject(error);
      };
      const trip = new PipelineRun(unit, isPreparing, {
        onStatement: (at, rows, error) => monitor.record(running, statements[at]!, { rows, error }),
        onEnd: (end) => {
          const cancelled = monitor.end(running);
          if (cancelled === undefined) settle(end);
          else void cancelled.then(() => settle({ ...end, isBroken: client.connection.stream.destroyed }));
        },
      });
      client.submit(trip);
    });
  });
}

/** What a connection knows of the statements prepared on it. */
interface Preparations {
  readonly ready: Set<string>;
  /** Prepared for a table that has changed since. */
  readonly outdated: Set<string>;
  /** Sent, in order, and not yet confirmed. */
  pending: string[];
}

const preparationsOf = new WeakMap<Connection, Preparations>();

/** A statement counts as prepared only once PostgreSQL says so: its Bind may fail while its Parse succeeded, and the other way round. */
function findPreparations(connection: Connection): Preparations {
  const known = preparationsOf.get(connection);
  if (known !== undefined) return known;
  const preparations: Preparations = { ready: new Set(), outdated: new Set(), pending: [] };
  preparationsOf.set(connection, preparations);
  connection.on('parseComplete', () => {
    const name = preparations.pending.shift();
    if (name === undefined) return;
    preparations.ready.add(name);
    preparations.outdated.delete(name);
  });
  return preparations;
}

const execute = serialize.execute();
const sync = serialize.sync();

interface End {
  error?: Error;
  rows: TextRow[][];
  isBroken: boolean;
}

interface Watcher {
  /** A statement has been answered, or has failed. */
  onStatement(at: number, rows: number, error?: Error): void;
  onEnd(end: End): void;
}

/** What node-postgres calls with each message of the answer, as it does for its own queries and cursors. */
class PipelineRun implements Submittable {
  readonly #unit: Unit;
  readonly #isPreparing: boolean;
  readonly #rows: TextRow[][];
  readonly #watcher: Watcher;
  /** The statement whose rows arrive; the opening is -1. */
  #current = -1;

  constructor(unit: Unit, isPreparing: boolean, watcher: Watcher) {
    this.#unit = unit;
    this.#isPreparing = isPreparing;
    this.#rows = unit.statements.map(() => []);
    this.#watcher = watcher;
  }

  submit(connection: Connection): void {
    const messages: Buffer[] = [];
    const { opening, statements } = this.#unit;
    const all = [{ ...settingsStatement, values: settingsStatement.toValues(opening) }, ...statements];
    if (this.#isPreparing) {
      const preparations = findPreparations(connection);
      preparations.pending = [];
      for (const statement of all) pushPrepared(messages, preparations, statement);
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
    const answered = this.#current++;
    if (answered >= 0) this.#watcher.onStatement(answered, this.#rows[answered]!.length);
  }

  /** Only now is the transaction kept: a commit can still fail after the last statement has succeeded. */
  handleReadyForQuery(): void {
    this.#watcher.onEnd({ rows: this.#rows, isBroken: false });
  }

  handleError(error: Error, connection: Connection): void {
    const { statements } = this.#unit;
    const isLost = !(error instanceof DatabaseError);
    const failed = isLost ? Math.max(0, this.#current) : this.#current;
    // Before the first statement there is the opening, and after the last the commit.
    if (failed >= 0 && failed < statements.length) this.#watcher.onStatement(failed, 0, error);
    if (isLost) return this.#watcher.onEnd({ error, rows: [], isBroken: true });
    const preparations = findPreparations(connection);
    preparations.pending = [];
    if (isOutdatedPlan(error)) for (const { preparedName } of statements) preparations.outdated.add(preparedName);
    this.#endAfter(error, connection);
  }

  /** node-postgres tells a query of nothing after its error, but the connection is whole only once it is ready again. */
  #endAfter(error: Error, connection: Connection): void {
    const end = (isBroken: boolean) => {
      connection.off('readyForQuery', onReady);
      connection.off('end', onClosed);
      this.#watcher.onEnd({ error, rows: [], isBroken });
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

function pushPrepared(
  messages: Buffer[],
  preparations: Preparations,
  { preparedName: name, text, values }: Prepared,
): void {
  const isOutdated = preparations.outdated.has(name);
  if (isOutdated) messages.push(serialize.close({ type: 'S', name }));
  if (isOutdated || (!preparations.ready.has(name) && !preparations.pending.includes(name))) {
    messages.push(serialize.parse({ name, text }));
    preparations.pending.push(name);
  }
  messages.push(serialize.bind({ statement: name, values }), execute);
}
