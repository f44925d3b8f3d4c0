import type { Response } from 'express';

/** The response of a stream. At most one value of it is in memory: the next one follows when the connection has taken it. */
export class EventStream {
  readonly #res: Response;
  /** Ends the wait for the connection. Null if it has taken everything. */
  #stopWaiting: (() => void) | null = null;
  /** Time of the last event, in milliseconds on the clock of `performance.now()`. */
  #sentAt = 0;
  #isClosed = false;

  constructor(res: Response) {
    this.#res = res;
  }

  get isClosed(): boolean {
    return this.#isClosed;
  }

  /** Sends events, and waits until the connection has taken them or is closed. */
  send(events: string): Promise<void> {
    if (this.#isClosed) return Promise.resolve();
    this.#sentAt = performance.now();
    return new Promise((resolve) => {
      const stopWaiting = () => {
        if (this.#stopWaiting === stopWaiting) this.#stopWaiting = null;
        resolve();
      };
      this.#stopWaiting = stopWaiting;
      this.#res.write(events, stopWaiting);
    });
  }

  /** Sends the events if the stream has been silent for this time. Nothing waits for a client that does not read. */
  sendIfSilent(events: string, silentMs: number): void {
    const now = performance.now();
    if (this.#stopWaiting !== null || this.#isClosed || now - this.#sentAt < silentMs) return;
    this.#sentAt = now;
    this.#res.write(events);
  }

  /** Ends the response. */
  end(events = ''): void {
    if (this.#isClosed) return;
    this.#isClosed = true;
    this.#res.end(events);
  }

  /** The client has disconnected. */
  close(): void {
    this.#isClosed = true;
    this.#stopWaiting?.();
  }
}
