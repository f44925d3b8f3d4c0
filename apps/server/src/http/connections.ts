import cluster from 'node:cluster';
import { once } from 'node:events';
import type { IncomingMessage, Server, ServerResponse } from 'node:http';
import { Server as NetServer, type Socket } from 'node:net';
import type { ToShare } from '../peers/place.ts';
import { SharedCounts } from '../peers/shared-counts.ts';
import { toClientAddress, toNetwork } from '../request/client-address.ts';
import { findSlowest, isIdleTooLong, type Progress, readProgress, unsentBytesMax } from './connection-progress.ts';
import { createDiscard } from './discard.ts';
import { Arrived, refuseSmallPackets } from './small-chunks.ts';

const sweepMs = 50;

/** The connections of a server. */
export interface Connections {
  /** Whether a response is being written to the connection, so that no other bytes may be written. */
  isResponding(socket: Socket): boolean;
  /** Stops accepting connections, completes open requests, and closes the remaining connections at the deadline. */
  close(times: CloseTimes): Promise<void>;
}

/** Milliseconds after the start of a shutdown. */
export interface CloseTimes {
  /** Idle connections stay open for this time, since a request may already be on its way. */
  graceMs: number;
  deadlineMs: number;
}

export interface ConnectionOptions {
  /** Maximum number of connections. Further ones are closed at once. Default: no limit. */
  max?: number | undefined;
  /** Maximum number of connections from one client address. Default: no limit. */
  perAddressMax?: number | undefined;
  /** The connections of all workers, by address. Default: this process is the whole server. */
  counts?: SharedCounts | undefined;
  /** Default: this process is the whole server. */
  toShare?: ToShare | undefined;
  /** Milliseconds after which a connection without progress is closed. Default: 30,000. */
  stallMs?: number | undefined;
  /** A response must be read at least this fast, in addition to `stallMs`. Default: 16,384 bytes per second. */
  bytesPerSecondMin?: number | undefined;
  /** Runs for each connection that is closed at once. */
  onRefused?: (() => void) | undefined;
  /** Runs for each connection that is closed because the client does not read. */
  onStalled?: ((response: ServerResponse | null) => void) | undefined;
}

interface Connection extends Progress {
  /** The latest response. */
  response: ServerResponse | null;
  arrived: Arrived;
}

/** Milliseconds between two checks of the progress of all connections. */
const checkMs = 1000;

/** Tracks the connections of a server. Call it before you attach the request handler, so that it sees all responses. */
export function trackConnections(server: Server, options: ConnectionOptions = {}): Connections {
  const {
    max = Infinity,
    perAddressMax = Infinity,
    stallMs = 30_000,
    bytesPerSecondMin = 16_384,
    counts = new SharedCounts({ peers: null, topic: 'connections' }),
    toShare = (limit) => limit,
    onRefused,
    onStalled,
  } = options;
  const connections = new Map<Socket, Connection>();
  const discard = createDiscard(toShare);
  let isClosing = false;

  // In a worker, Node would offer a refused connection to the other workers again and again.
  if (max !== Infinity && cluster.isPrimary) server.maxConnections = max;
  server.on('drop', () => onRefused?.());
  server.on('connection', (socket) => {
    if (connections.size + counts.totalOfOthers >= max || !countAddress(counts, socket, perAddressMax)) {
      onRefused?.();
      socket.destroy();
      return;
    }
    const connection: Connection = {
      response: null,
      unsent: null,
      discarding: null,
      idleSince: null,
      arrived: new Arrived(),
    };
    connections.set(socket, connection);
    refuseSmallPackets(socket, connection.arrived);
    socket.on('close', () => connections.delete(socket));
    lingerOnClose(socket, connection, discard);
  });
  server.on('request', (req, res) => {
    const connection = connections.get(req.socket);
    if (connection) startRequest(connection, req, res);
    if (isClosing) closeAfter(res);
    // Node would read the rest of a refused body to reuse the connection.
    if (hasLongBody(req)) res.on('finish', () => req.complete || req.socket.destroySoon());
  });

  /** Closes the connections of clients that do not read their response, or that send other bytes than a request without end. */
  function check(): void {
    const now = performance.now();
    // A head may start at the end of the keep-alive time.
    const idleMs = server.keepAliveTimeout + server.headersTimeout;
    for (const [socket, connection] of connections) if (isIdleTooLong(connection, { now, idleMs })) socket.destroy();
    const stalled = [...connections]
      .filter(
        ([socket, connection]) => readProgress(socket, connection, { now, stallMs, bytesPerSecondMin }) === 'stalled',
      )
      .map(([socket]) => socket);
    for (const socket of new Set([...stalled, ...findSlowest(connections, toShare(unsentBytesMax))])) {
      onStalled?.(connections.get(socket)?.response ?? null);
      socket.destroy();
    }
  }
  const checking = setInterval(check, Math.min(checkMs, stallMs)).unref();
  server.on('close', () => clearInterval(checking));

  /** Runs after Node has read what clients have sent. A connection is not idle if its request has arrived. */
  function sweep(): void {
    server.closeIdleConnections();
    // Browsers open connections in advance. Node counts one that was never used as busy.
    for (const socket of connections.keys()) if (socket.bytesRead === 0) socket.destroy();
  }

  return {
    isResponding(socket) {
      const response = connections.get(socket)?.response;
      return response?.headersSent === true && !response.writableFinished;
    },
    async close({ graceMs, deadlineMs }) {
      isClosing = true;
      for (const { response } of connections.values()) if (response !== null) closeAfter(response);
      const closed = once(server, 'close');
      // The `close` of `http` closes idle connections at once, together with requests that clients have already sent.
      // Only the `close` of `net` leaves them open.
      NetServer.prototype.close.call(server);
      let sweeping: NodeJS.Timeout | undefined;
      const grace = setTimeout(() => {
        setImmediate(sweep);
        sweeping = setInterval(() => setImmediate(sweep), sweepMs);
      }, graceMs);
      const deadline = setTimeout(() => {
        server.closeAllConnections();
        // Node no longer knows the connections that discard a refused body.
        for (const socket of connections.keys()) socket.destroy();
      }, deadlineMs);
      await closed;
      for (const timer of [grace, sweeping, deadline]) clearTimeout(timer);
    },
  };
}

function startRequest(connection: Connection, req: IncomingMessage, response: ServerResponse): void {
  connection.response = response;
  connection.idleSince = null;
  connection.arrived.startRequest(req);
}

/** Asks the client to send no more requests on the connection. Node closes it after this response. */
function closeAfter(response: ServerResponse): void {
  if (!response.headersSent) response.setHeader('connection', 'close');
}

/** Bodies of more bytes are long, and so are bodies without a declared length. */
const shortBodyBytes = 64 * 1024;

function hasLongBody({ headers }: IncomingMessage): boolean {
  return headers['transfer-encoding'] !== undefined || Number(headers['content-length'] ?? 0) > shortBodyBytes;
}

/** Returns false if the client's address has too many connections already, in all workers. */
function countAddress(counts: SharedCounts, socket: Socket, max: number): boolean {
  // Without a limit by address, only the sum counts.
  const address = max === Infinity ? '' : toNetwork(toClientAddress(socket.remoteAddress));
  if (counts.of(address) >= max) return false;
  void counts.add(address, 1);
  socket.on('close', () => void counts.add(address, -1));
  return true;
}

/**
 * Node closes a connection after its last response, even while the client still sends the body. The operating system
 * then discards the response, and the client sees a broken pipe. This sends the end of the response, and discards the
 * body until the client closes the connection or reaches a limit.
 */
function lingerOnClose(socket: Socket, connection: Connection, discard: (socket: Socket) => void): void {
  const destroySoon = socket.destroySoon.bind(socket);
  let isDiscarding = false;
  socket.destroySoon = () => {
    const { response } = connection;
    if (response === null || !response.writableFinished || response.req.complete) return destroySoon();
    if (isDiscarding) return;
    isDiscarding = true;
    connection.discarding ??= { since: performance.now(), bytesRead: socket.bytesRead };
    socket.end();
    // A body that nobody reads has stopped the connection. Node starts it again only while its own listeners are there.
    if (socket.isPaused()) socket.once('resume', () => discard(socket)).resume();
    else discard(socket);
  };
}
