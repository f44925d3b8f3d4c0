import type { OnProgress } from '../backup/progress.ts';
import { toCount, toSize } from './backup-words.ts';

export interface ProgressLine {
  readonly show: OnProgress;
  clear(): void;
}

const pauseMs = 100;
const clearLine = '\r\u001B[K';

/** Shows on one line how far it is where somebody is looking; a pipe or a log stays as it is. */
export function createProgressLine(stream: Pick<NodeJS.WriteStream, 'isTTY' | 'write'>): ProgressLine {
  let shownAt = 0;
  return {
    show({ table, rows, bytes }) {
      const now = performance.now();
      if (!stream.isTTY || now - shownAt < pauseMs) return;
      shownAt = now;
      stream.write(`${clearLine}${table}: ${toCount(rows, 'row')}, ${toSize(bytes)}`);
    },
    clear() {
      if (shownAt > 0) stream.write(clearLine);
    },
  };
}
