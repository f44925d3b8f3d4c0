import type { ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import type { Response } from 'express';

/** What a connection waits for, with times on the clock of `performance.now()`. */
export interface Progress {
  /** Bytes that the client has not read yet. Null if there are no such bytes. */
  unsent: { since: number; changedAt: number; mark: string; peak: number } | null;
  /** A body that arrives after its response. Null if there is no such body. */
  discarding: { since: number; bytesRead: number } | null;
  /** When a check first saw that the latest request is complete. Null before. */
  idleSince: number | null;
}

/** Maximum number of unread bytes of all connections together. Beyond it, the slowest readers are disconnected. */
export const unsentBytesMax = 64 * 1024 * 1024;

/** Maximum number of bytes that are discarded after a response. */
const discardedBytesMax = 64 * 1024 * 1024;

export interface ProgressOptions {
  now: number;
  /** Milliseconds after which a connection without progress is stalled. */
  stallMs: number;
  /** A response must be read at least this fast, in addition to `stallMs`. */
  bytesPerSecondMin: number;
}

/**
 * Updates the progress of a connection, and returns whether the client is too slow. An idle connection, and one that
 * waits for the server, are never stalled.
 */
export function readProgress(
  socket: Socket,
  connection: Progress & { response: ServerResponse | null },
  { now, stallMs, bytesPerSecondMin }: ProgressOptions,
): 'stalled' | null {
  const { response } = connection;
  const isDiscarding = response !== null && response.writableFinished && !response.req.complete;
  if (isDiscarding) connection.discarding ??= { since: now, bytesRead: socket.bytesRead };
  else if (!socket.writableEnded) connection.discarding = null;
  const { discarding } = connection;
  if (discarding !== null) {
    const isOver = now - discarding.since > stallMs || socket.bytesRead - discarding.bytesRead > discardedBytesMax;
    if (isOver) return 'stalled';
  }

  const unsent = socket.writableLength;
  if (unsent === 0) {
    connection.unsent = null;
    return null;
  }
  const mark = `${unsent} ${socket.bytesWritten} ${readWriteQueueSize(socket)}`;
  const found = (connection.unsent ??= { since: now, changedAt: now, mark, peak: unsent });
  found.peak = Math.max(found.peak, unsent);
  if (found.mark !== mark) {
    found.mark = mark;
    found.changedAt = now;
  }
  const limitMs = stallMs + (found.peak / bytesPerSecondMin) * 1000;
  return now - found.changedAt > stallMs || now - found.since > limitMs ? 'stalled' : null;
}

/**
 * Returns whether the client has sent no request for too long. Node restarts its keep-alive time with each packet, even if it has only
 * a line break, and its time for a head has then not begun.
 */
export function isIdleTooLong(
  connection: Progress & { response: ServerResponse | null },
  { now, idleMs }: { now: number; idleMs: number },
): boolean {
  const { response } = connection;
  if (response === null || !response.writableFinished || !response.req.complete) return false;
  connection.idleSince ??= now;
  return now - connection.idleSince > idleMs;
}

/**
 * Bytes that the operating system has not accepted yet. Node counts a chunk as unsent until all of it is accepted, and
 * uses this number, too, to see progress within a chunk.
 */
function readWriteQueueSize(socket: Socket): number {
  return (socket as unknown as { _handle?: { writeQueueSize?: number } | null })._handle?.writeQueueSize ?? 0;
}

/**
 * The connections to close, so that the unread bytes of all connections fit into the limit. The client with the most unread
 * bytes loses its slowest connection first. So clients that read nothing do not end the responses of others.
 */
export function findSlowest(
  connections: Map<Socket, Progress & { response: ServerResponse | null }>,
  bytesMax: number,
): Socket[] {
  let total = 0;
  for (const socket of connections.keys()) total += socket.writableLength;
  if (total <= bytesMax) return [];
  const slow = [...connections]
    .flatMap(([socket, { unsent, response }]) =>
      unsent === null ? [] : [{ socket, since: unsent.since, client: toClient(socket, response) }],
    )
    .sort((one, other) => one.since - other.since);
  const clients = [...Map.groupBy(slow, ({ client }) => client).values()].map((ofClient) => ({
    sockets: ofClient.map(({ socket }) => socket),
    bytes: ofClient.reduce((sum, { socket }) => sum + socket.writableLength, 0),
  }));
  const found: Socket[] = [];
  while (total > bytesMax && clients.length > 0) {
    const greediest = clients.reduce((most, client) => (client.bytes > most.bytes ? client : most));
    const socket = greediest.sockets.shift();
    if (socket === undefined) break;
    found.push(socket);
    greediest.bytes -= socket.writableLength;
    total -= socket.writableLength;
  }
  return found;
}

/** The user of the latest response, or the address if the user is not known. */
function toClient(socket: Socket, response: ServerResponse | null): string {
  const { userId } = (response as Partial<Response> | null)?.locals ?? {};
  return userId ?? socket.remoteAddress ?? '';
}
