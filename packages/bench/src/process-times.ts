import { readdirSync, readFileSync } from 'node:fs';

// What /proc counts in; Linux shows 100 a second to programs on every architecture, whatever the kernel's own clock.
const microsecondsPerTick = 10_000;

interface ProcessTimes {
  parent: number;
  own: number;
  /** Of children that have ended and been waited for. */
  reaped: number;
}

/**
 * CPU time that a process and its children, living and gone, have used so far: microseconds, to 10,000. A child that
 * ends moves from the one sum to the other, so the difference of two readings misses nothing. NaN where there is no /proc.
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

/** CPU time of one process alone, as above. */
export function readOwnTime(pid: number): number {
  return readTimes(pid)?.own ?? Number.NaN;
}

/** Memory that a process holds, in bytes; NaN where there is no /proc. */
export function readResidentBytes(pid: number): number {
  const kilobytes = /^VmRSS:\s+(\d+) kB/m.exec(readProc(pid, 'status'))?.[1];
  return kilobytes === undefined ? Number.NaN : Number(kilobytes) * 1024;
}

/** The most memory that a process has held so far, in bytes; 0 where there is no /proc, or no process any more. */
export function readPeakBytes(pid: number): number {
  return Number(/^VmHWM:\s+(\d+) kB/m.exec(readProc(pid, 'status'))?.[1] ?? 0) * 1024;
}

function readTimes(pid: number): ProcessTimes | undefined {
  const text = readProc(pid, 'stat');
  if (text === '') return undefined;
  // The name before it is in parentheses and may hold anything; see proc_pid_stat(5), where `state` is field 3.
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
    // It has ended, or this is not Linux.
    return '';
  }
}
