import { callbackify } from 'node:util';
import { currentOperation } from '@holdfast/operation';
import { Client, type ClientConfig, type QueryResult, type Submittable } from 'pg';
import { toSlowConnectionError } from './driver-error.ts';
import { currentStatementLimit, findEndError, type StatementMonitor } from './statement-monitor.ts';

/** What belongs to the session and not to the work in it. */
const sessionsOwn =
  /^\s*(?:begin|start transaction|commit|rollback|savepoint|release|select set_config\(|do \$holdfast\$)/i;

interface ClientLimits {
  statementLimitMs: number;
  connectTimeoutMs: number;
}

/** The one place statements pass through: a connection that tells the watch of everything that it is asked. */
export class InstrumentedClient extends Client {
  /** How long whoever holds it has waited for it, until the first statement has taken note. */
  waitedMs = 0;
  readonly #watch: StatementMonitor;
  readonly #limits: ClientLimits;

  constructor(config: ClientConfig, watch: StatementMonitor, limits: ClientLimits) {
    super(config);
    this.#watch = watch;
    this.#limits = limits;
  }

  override connect(): Promise<Client>;
  override connect(callback: (error: Error) => void): void;
  override connect(callback?: (error: Error) => void): Promise<Client> | void {
    const giveUp = () => this.connection.stream.destroy(toSlowConnectionError());
    const timer = setTimeout(giveUp, this.#limits.connectTimeoutMs);
    this.once('connect', () => clearTimeout(timer)).once('end', () => clearTimeout(timer));
    return callback === undefined ? super.connect() : super.connect(callback);
  }

  /** The time that was waited for the connection; it is told once. */
  takeWait(): number {
    const { waitedMs } = this;
    this.waitedMs = 0;
    return waitedMs;
  }

  /** Sends what tells the watch by itself. */
  submit(unit: Submittable): void {
    super.query(unit);
  }

  // oxlint-disable-next-line typescript/no-explicit-any -- The method has nine signatures, and this serves them all.
  override query(config: any, ...others: any[]): any {
    const callback = others.at(-1);
    if (typeof callback === 'function') {
      return callbackify(() => this.query(config, ...others.slice(0, -1)))(callback);
    }
    const text: string = typeof config === 'string' ? config : (config.text ?? '');
    const operation = currentOperation();
    const isOwn = sessionsOwn.test(text);
    const endError = isOwn ? undefined : findEndError(operation);
    if (endError !== undefined) throw endError;
    const isCursor = typeof config.submit === 'function';
    // Whoever reads through a cursor takes their time.
    const limitMs = isCursor ? 0 : (currentStatementLimit() ?? this.#limits.statementLimitMs);
    const running = this.#watch.begin(this, { operation, limitMs, waitMs: this.takeWait() });
    const end = (rows: number, error?: unknown) => {
      if (!isOwn) this.#watch.note(running, { name: null, text, operation }, { rows, error });
      return this.#watch.end(running);
    };
    if (isCursor) return super.query(watchCursor(config, end));
    return super.query(config, ...others).then(
      async (result: QueryResult) => {
        await end(result.rowCount ?? 0);
        return result;
      },
      async (error: unknown) => {
        await end(0, error);
        throw error;
      },
    );
  }
}

/** What node-postgres calls with the messages of the answer. */
interface Cursor extends Submittable {
  handleDataRow(message: unknown): void;
  handleReadyForQuery(connection: unknown): void;
  handleError(error: Error): void;
  close?(callback?: () => void): Promise<void> | void;
}

function watchCursor(cursor: Cursor, end: (rows: number, error?: unknown) => Promise<void> | undefined): Cursor {
  const { handleDataRow, handleReadyForQuery, handleError, close } = cursor;
  const ended = Promise.withResolvers<void>();
  let rows = 0;
  let hasEnded = false;
  const endOnce = (error?: Error) => {
    if (!hasEnded) ended.resolve(end(rows, error));
    hasEnded = true;
  };
  return Object.assign(cursor, {
    // By itself it waits for an answer that a lost connection never gives, and would hold its place in the pool for ever.
    // What copies rows has no such method.
    ...(close && {
      close(callback?: () => void) {
        if (!hasEnded) void close.call(cursor, () => {});
        return callback === undefined ? ended.promise : callbackify(() => ended.promise)(callback);
      },
    }),
    handleDataRow(message: unknown) {
      rows += 1;
      handleDataRow.call(cursor, message);
    },
    handleReadyForQuery(connection: unknown) {
      endOnce();
      handleReadyForQuery.call(cursor, connection);
    },
    handleError(error: Error) {
      endOnce(error);
      handleError.call(cursor, error);
    },
  });
}
