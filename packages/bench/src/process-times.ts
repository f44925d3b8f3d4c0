import { readdirSync, readFileSync } from 'node:fs';

// The unit of /proc/<pid>/stat: 100 ticks per second on every architecture, independent of the kernel's clock rate.
const microsecondsPerTick = 10_000;

interface ProcessTimes {
  parent: number;
  own: number;
  /** CPU time of children that have exited and been waited for. */
  reaped: number;
}

/**
 * CPU time of a process and all its children, including exited ones, in microseconds with a resolution of 10,000. When a
 * child exits, the kernel adds its time to the parent, so the difference of two readings is complete. NaN without /proc.
 */
export function readTreeTime(pid: number): number {
  const root = readTimes(pid);
  if (root === undefined) return Number.NaN;
  const children = readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .map((name) => readTimes(Number(name)))
    .filter((times) => times?.parent === pid);
  return root.own + root.reaped + children.reduce((sum, times) => sum + times!.own + times!.reaped, 0);
}

/** CPU time of one process without its children, in the same unit. */
export function readOwnTime(pid: number): number {
  return readTimes(pid)?.own ?? Number.NaN;
}

/** Resident memory of a process in bytes; NaN without /proc. */
export function readResidentBytes(pid: number): number {
  const kilobytes = /^VmRSS:\s+(\d+) kB/m.exec(readProc(pid, 'status'))?.[1];
  return kilobytes === undefined ? Number.NaN : Number(kilobytes) * 1024;
}

/** Peak resident memory of a process in bytes; 0 without /proc or after the process has exited. */
export function readPeakBytes(pid: number): number {
  return Number(/^VmHWM:\s+(\d+) kB/m.exec(readProc(pid, 'status'))?.[1] ?? 0) * 1024;
}

function readTimes(pid: number): ProcessTimes | undefined {
  const text = readProc(pid, 'stat');
  if (text === '') return undefined;
  // Field 2 is the name in parentheses, which can contain any character. Field 3 is `state`: see proc_pid_stat(5).
  const fields = text.slice(text.lastIndexOf(')') + 2).split(' ');
  const field = (number: number) => Number(fields[number - 3]);
  return {
    parent: field(4),
    own: (field(14) + field(15)) * microsecondsPerTick,
    reaped: (field(16) + field(17)) * microsecondsPerTick,
  };
}

function readProc(pid: number, file: string): string {
  try {
    return readFileSync(`/proc/${pid}/${file}`, 'utf8');
  } catch {
    // The process has exited, or this is not Linux.
    return '';
  }
}
