import { callbackify } from 'node:util';
import { currentOperation } from '@holdfast/operation';
import type { Client, ClientConfig, QueryResult, Submittable } from 'pg';
import { BaseClient, type SessionStart } from './base-client.ts';
import { markDriverError, toConnectTimeoutError } from './driver-error.ts';
import { currentStatementLimit, findEndError, type StatementMonitor } from './statement-monitor.ts';

/** Statements that open, configure or end a transaction. They are neither counted nor refused. */
const controlStatement =
  /^\s*(?:begin|start transaction|commit|rollback|savepoint|release|select set_config\(|do \$holdfast\$)/i;

interface ClientOptions {
  readonly start: SessionStart;
  readonly connectTimeoutMs: number;
}

/** A node-postgres client that reports every statement to the statement monitor. */
export class InstrumentedClient extends BaseClient {
  /** Milliseconds that the caller waited for this connection; 0 after the first statement has reported them. */
  waitedMs = 0;
  readonly #monitor: StatementMonitor;
  readonly #options: ClientOptions;

  constructor(config: ClientConfig, monitor: StatementMonitor, options: ClientOptions) {
    super(config, options.start);
    this.#monitor = monitor;
    this.#options = options;
  }

  override connect(): Promise<Client>;
  override connect(callback: (error: Error) => void): void;
  override connect(callback?: (error: Error) => void): Promise<Client> | void {
    const onTimeout = () => this.connection.stream.destroy(toConnectTimeoutError());
    const timer = setTimeout(onTimeout, this.#options.connectTimeoutMs);
    this.once('connect', () => clearTimeout(timer)).once('end', () => clearTimeout(timer));
    return callback === undefined ? super.connect() : super.connect(callback);
  }

  /** Returns `waitedMs` and resets it. */
  takeWait(): number {
    const { waitedMs } = this;
    this.waitedMs = 0;
    return waitedMs;
  }

  /** Sends a request that reports to the monitor without this client. */
  submit(request: Submittable): void {
    super.query(request);
  }

  // oxlint-disable-next-line typescript/no-explicit-any -- One implementation for the nine signatures of the method.
  override query(config: any, ...others: any[]): any {
    const callback = others.at(-1);
    if (typeof callback === 'function') {
      return callbackify(() => this.query(config, ...others.slice(0, -1)))(callback);
    }
    const text: string = typeof config === 'string' ? config : (config.text ?? '');
    const operation = currentOperation();
    const isControl = controlStatement.test(text);
    const endError = isControl ? undefined : findEndError(operation);
    if (endError !== undefined) throw endError;
    const isCursor = typeof config.submit === 'function';
    // The reader of a cursor decides how long it stays open.
    const limitMs = isCursor ? 0 : (currentStatementLimit() ?? this.#options.start.statementTimeoutMs);
    const running = this.#monitor.begin(this, { operation, limitMs, waitMs: this.takeWait() });
    const end = (rows: number, error?: unknown) => {
      if (!isControl) this.#monitor.record(running, { name: null, text, operation }, { rows, error });
      return this.#monitor.end(running);
    };
    if (isCursor) return super.query(instrumentCursor(config, end));
    return super.query(config, ...others).then(
      async (result: QueryResult) => {
        await end(result.rowCount ?? 0);
        return result;
      },
      async (error: unknown) => {
        await end(0, error);
        throw markDriverError(error);
      },
    );
  }
}

/** The methods that node-postgres calls with the messages of the response. */
interface Cursor extends Submittable {
  handleDataRow(message: unknown): void;
  handleReadyForQuery(connection: unknown): void;
  handleError(error: Error): void;
  close?(callback?: () => void): Promise<void> | void;
}

function instrumentCursor(cursor: Cursor, end: (rows: number, error?: unknown) => Promise<void> | undefined): Cursor {
  const { handleDataRow, handleReadyForQuery, handleError, close } = cursor;
  const ended = Promise.withResolvers<void>();
  let rows = 0;
  let hasEnded = false;
  const endOnce = (error?: Error) => {
    if (!hasEnded) ended.resolve(end(rows, error));
    hasEnded = true;
  };
  return Object.assign(cursor, {
    // The original `close` waits for a response that never arrives on a lost connection, and would occupy its place in the
    // pool forever. Streams of COPY have no `close`.
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
      handleError.call(cursor, markDriverError(error));
    },
  });
}
