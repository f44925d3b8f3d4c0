import type { Socket } from 'node:net';
import type { ToShare } from '../peers/place.ts';

/** Maximum number of bytes per second that all connections together discard. */
const bytesPerSecond = 16 * 1024 * 1024;
const tickMs = 50;

/** Node reads at most so many bytes of a connection at a time. */
const bytesPerRead = 64 * 1024;

/**
 * Creates a function that discards all further bytes of a connection. It does not parse them, because a body of one
 * megabyte in chunks of one byte costs a second. At the speed limit, the connections take turns.
 */
export function createDiscard(toShare: ToShare): (socket: Socket) => void {
  const bytesPerTick = (toShare(bytesPerSecond) * tickMs) / 1000;
  const paused = new Set<Socket>();
  let bytes = 0;
  let timer: NodeJS.Timeout | undefined;

  function startTick(): void {
    bytes = 0;
    if (paused.size === 0) {
      clearInterval(timer);
      timer = undefined;
    }
    for (const socket of [...paused].slice(0, Math.ceil(bytesPerTick / bytesPerRead))) {
      paused.delete(socket);
      socket.resume();
    }
  }

  return (socket) => {
    socket.on('close', () => paused.delete(socket));
    // The listener of Node passes the bytes to the parser.
    socket.removeAllListeners('data').on('data', (chunk) => {
      timer ??= setInterval(startTick, tickMs).unref();
      bytes += chunk.length;
      if (bytes < bytesPerTick) return;
      socket.pause();
      paused.add(socket);
    });
    socket.resume();
  };
}
