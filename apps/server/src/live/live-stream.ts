import type { Socket } from 'node:net';
import type { ChangeStream } from '@holdfast/api';
import { inOperation, inPartOf, type Operation } from '@holdfast/operation';
import type { EndReason, WakeUpSource } from '../telemetry/stream-metrics.ts';

export interface WakeUp {
  source: WakeUpSource;
  /** Time of the change, in milliseconds on the clock of `performance.now()`. */
  at: number;
}

/** What all streams share. */
export interface StreamHost {
  /** Runs a read when it is the stream's turn. @throws AbortError if the access of the stream's user has ended. */
  inTurn<Result>(stream: LiveStream, read: () => Promise<Result>): Promise<Result>;
  /** The client has read the page of the stream's last read, or there is none. */
  endTurn(stream: LiveStream): void;
  /** Milliseconds after which a read ends. */
  readLimitMs: number;
  recordDelivery(source: WakeUpSource, lagMs: number): void;
  remove(stream: LiveStream): void;
}

/** After a failure, a stream waits between one and two times as long, in milliseconds. */
const pauseMs = 2000;

/** One stream of changes. It has no timer of its own, because thousands of streams are idle at the same time. */
export class LiveStream implements ChangeStream {
  readonly userId: string;
  readonly sessionId: string | null;
  readonly signal: AbortSignal | null;
  /** Milliseconds since 1970. */
  readonly openedAt = Date.now();
  /** Time of the end, on the clock of `performance.now()`. */
  readonly endsAt: number;
  /** The user's revision that the stream has reached while it waits; null if it is not known. */
  revision: number | null = null;
  /** Resolves when all workers know the stream. Before that, a read could miss the wake-up for a write in another worker. */
  known: Promise<void> | undefined;
  readonly #host: StreamHost;
  readonly #connection: StreamFields['connection'];
  /** The call that opened the stream. */
  readonly #operation: Operation | null;
  /** The first wake-up since the last read began. */
  #wakeUp: WakeUp | null = null;
  /** The wake-up that caused the last read. */
  #cause: WakeUp | null = null;
  #waiting: { resolve: () => void; reject: (error: Error) => void } | null = null;
  #end: EndReason | null = null;

  constructor(host: StreamHost, fields: StreamFields) {
    this.#host = host;
    this.userId = fields.userId;
    this.sessionId = fields.sessionId;
    this.signal = fields.signal;
    this.endsAt = fields.endsAt;
    this.#connection = fields.connection;
    this.#operation = fields.operation;
  }

  get endReason(): EndReason | null {
    return this.#end;
  }

  /** All bytes of the connection so far, including those that the client has not read yet. */
  get bytesWritten(): number {
    return this.#connection?.bytesWritten ?? 0;
  }

  wake(wakeUp: WakeUp): void {
    this.#wakeUp ??= wakeUp;
    this.#takeWaiting()?.resolve();
  }

  /** Ends the stream as soon as it has no value to send. The client connects again, unless it has closed the stream. */
  end(reason: EndReason): void {
    if (this.#end !== null) return;
    this.#end = reason;
    this.#takeWaiting()?.reject(toAbortError());
  }

  read<Result>(read: () => Promise<Result>): Promise<Result> {
    return this.#inOperation(Infinity, () =>
      this.#host.inTurn(this, () => {
        this.assertOpen();
        this.#cause = this.#wakeUp;
        this.#wakeUp = this.revision = null;
        return this.#inOperation(performance.now() + this.#host.readLimitMs, read);
      }),
    );
  }

  /** Not an async function, which would stay in memory while the stream is idle. */
  waitForChange(revision: number | null): Promise<void> {
    this.#host.endTurn(this);
    this.revision = revision;
    if (this.#end !== null) return Promise.reject(toAbortError());
    return this.#wakeUp === null ? this.#wait() : Promise.resolve();
  }

  async pause(): Promise<void> {
    this.assertOpen();
    const timer = setTimeout(() => this.#takeWaiting()?.resolve(), pauseMs * (1 + Math.random()));
    try {
      await this.#wait();
    } finally {
      clearTimeout(timer);
    }
  }

  recordDelivery(): void {
    this.#host.endTurn(this);
    const cause = this.#cause;
    this.#cause = null;
    if (cause !== null) this.#host.recordDelivery(cause.source, performance.now() - cause.at);
  }

  close(): void {
    this.end('client');
    this.#host.remove(this);
  }

  /** @throws AbortError after the end of the stream. */
  assertOpen(): void {
    if (this.#end !== null) throw toAbortError();
  }

  #wait(): Promise<void> {
    return new Promise<void>((resolve, reject) => (this.#waiting = { resolve, reject }));
  }

  #takeWaiting() {
    const waiting = this.#waiting;
    this.#waiting = null;
    return waiting;
  }

  /** The request's deadline ends the request before the stream, but its cost includes the stream's. */
  #inOperation<Result>(deadlineAt: number, work: () => Result): Result {
    return this.#operation === null ? inOperation({ deadlineAt }, work) : inPartOf(this.#operation, deadlineAt, work);
  }
}

export interface StreamFields {
  userId: string;
  /** The session with which the stream ends; null if there is none. */
  sessionId: string | null;
  signal: AbortSignal | null;
  endsAt: number;
  connection: Pick<Socket, 'bytesWritten'> | null;
  operation: Operation | null;
}

/** tRPC takes this name for an end of the connection, after which the client connects again. */
function toAbortError(): Error {
  return new DOMException('The stream has ended.', 'AbortError');
}
