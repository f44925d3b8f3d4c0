import type { Connection, Pool, Submittable } from 'pg';
import { DatabaseError, serialize } from 'pg-protocol';
import { type Opening, openingStatement } from './opening.ts';
import { watchSilence } from './silence.ts';
import type { Text, TextRow } from './statement.ts';

/** A statement with its values. */
export interface BoundStatement {
  readonly name: string;
  readonly text: string;
  readonly values: Text[];
}

/** Runs statements as one transaction in one round trip, and gives the rows of each. */
export type RunUnit = (opening: Opening, statements: readonly BoundStatement[]) => Promise<TextRow[][]>;

/**
 * Makes the way to run units of work that are known whole beforehand.
 *
 * All messages go out in one write with a single Sync at the end. Without a BEGIN, PostgreSQL takes everything up to the
 * Sync as one transaction, so what the opening sets holds for exactly these statements, and they are kept or undone
 * together. (Message flow, extended query: PostgreSQL manual, "Frontend/Backend Protocol".)
 */
export function createUnitRunner(pool: Pool): RunUnit {
  let isPreparing = true;
  return async (opening, statements) => {
    // Each connection may have one plan that a migration has outdated.
    for (let attempt = 0; ; attempt++) {
      try {
        return await attemptUnit(pool, opening, statements, isPreparing);
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

function attemptUnit(
  pool: Pool,
  opening: Opening,
  statements: readonly BoundStatement[],
  isPreparing: boolean,
): Promise<TextRow[][]> {
  return new Promise((resolve, reject) => {
    pool.connect((connectError, client, release) => {
      if (connectError || client === undefined) return reject(connectError!);
      const silence = watchSilence(client, opening.statementTimeoutMs);
      const unit = new OneTrip(opening, statements, isPreparing, {
        onProgress: () => silence.refresh(),
        onEnd: ({ error, rows, isBroken }) => {
          clearTimeout(silence);
          release(isBroken);
          if (error === undefined) resolve(rows);
          else reject(error);
        },
      });
      client.query(unit);
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

interface Watcher {
  /** A statement has been answered. */
  onProgress(): void;
  onEnd(end: { error?: Error; rows: TextRow[][]; isBroken: boolean }): void;
}

/** What node-postgres calls with each message of the answer, as it does for its own queries and cursors. */
class OneTrip implements Submittable {
  readonly #opening: Opening;
  readonly #statements: readonly BoundStatement[];
  readonly #isPreparing: boolean;
  readonly #rows: TextRow[][];
  readonly #watcher: Watcher;
  /** The statement whose rows arrive; the opening is -1. */
  #current = -1;

  constructor(opening: Opening, statements: readonly BoundStatement[], isPreparing: boolean, watcher: Watcher) {
    this.#opening = opening;
    this.#statements = statements;
    this.#isPreparing = isPreparing;
    this.#rows = statements.map(() => []);
    this.#watcher = watcher;
  }

  submit(connection: Connection): void {
    const messages: Buffer[] = [];
    const units = [{ ...openingStatement, values: openingStatement.toValues(this.#opening) }, ...this.#statements];
    if (this.#isPreparing) {
      const preparations = findPreparations(connection);
      preparations.pending = [];
      for (const statement of units) pushPrepared(messages, preparations, statement);
    } else {
      for (const { text, values } of units) {
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
    this.#current += 1;
    this.#watcher.onProgress();
  }

  /** Only now is the transaction kept: a commit can still fail after the last statement has succeeded. */
  handleReadyForQuery(): void {
    this.#watcher.onEnd({ rows: this.#rows, isBroken: false });
  }

  handleError(error: Error, connection: Connection): void {
    if (!(error instanceof DatabaseError)) return this.#watcher.onEnd({ error, rows: [], isBroken: true });
    const preparations = findPreparations(connection);
    preparations.pending = [];
    if (isOutdatedPlan(error)) for (const { name } of this.#statements) preparations.outdated.add(name);
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

function pushPrepared(messages: Buffer[], preparations: Preparations, { name, text, values }: BoundStatement): void {
  const isOutdated = preparations.outdated.has(name);
  if (isOutdated) messages.push(serialize.close({ type: 'S', name }));
  if (isOutdated || (!preparations.ready.has(name) && !preparations.pending.includes(name))) {
    messages.push(serialize.parse({ name, text }));
    preparations.pending.push(name);
  }
  messages.push(serialize.bind({ statement: name, values }), execute);
}
