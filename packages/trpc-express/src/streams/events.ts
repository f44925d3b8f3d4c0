import { isTrackedEnvelope } from '@trpc/server';

/** The events of tRPC's streams, in the format of server-sent events. */

export const pingEvent = 'event: ping\ndata: \n\n\n';
export const returnEvent = 'event: return\ndata: \n\n\n';

export const toConnectedEvent = (clientOptions: object) =>
  `event: connected\ndata: ${JSON.stringify(clientOptions)}\n\n\n`;

export const toErrorEvent = (shape: unknown) => `event: serialized-error\ndata: ${JSON.stringify(shape)}\n\n\n`;

/** The events for the values of one procedure. The client sends the ID of the last tracked value when it reconnects. */
export class ValueEvents {
  #lastId: string | null;

  /** @param lastEventId The ID with which the client has connected. */
  constructor(lastEventId: string | null) {
    const isValid = lastEventId !== null && lastEventId !== '' && !/[\0\n\r]/.test(lastEventId);
    this.#lastId = isValid ? lastEventId : null;
  }

  add(value: unknown): string {
    if (isTrackedEnvelope(value)) {
      this.#lastId = value[0];
      return `data: ${JSON.stringify(value[1])}\nid: ${value[0]}\n\n\n`;
    }
    const data = `data: ${JSON.stringify(value)}\n`;
    if (this.#lastId === null) return `${data}\n\n`;
    // An event without an ID would have the last one. The second event restores that ID, and no client listens to it.
    return `${data}id: \n\n\nevent: restore-id\ndata: \nid: ${this.#lastId}\n\n\n`;
  }
}
