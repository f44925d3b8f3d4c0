import type { OnProgress } from '../backup/progress.ts';
import { formatCount, formatSize } from './format.ts';

export interface ProgressLine {
  readonly show: OnProgress;
  clear(): void;
}

const pauseMs = 100;
const clearLine = '\r\u001B[K';

/** Shows progress on one line of a terminal. Writes nothing to a pipe or a file. */
export function createProgressLine(stream: Pick<NodeJS.WriteStream, 'isTTY' | 'write'>): ProgressLine {
  let shownAt = 0;
  return {
    show({ table, rows, bytes }) {
      const now = performance.now();
      if (!stream.isTTY || now - shownAt < pauseMs) return;
      shownAt = now;
      stream.write(`${clearLine}${table}: ${formatCount(rows, 'row')}, ${formatSize(bytes)}`);
    },
    clear() {
      if (shownAt > 0) stream.write(clearLine);
    },
  };
}
