import type { Manifest } from '../backup/manifest.ts';

/** 1,234 bytes as `1.2 kB`. */
export function toSize(bytes: number): string {
  const units = ['bytes', 'kB', 'MB', 'GB', 'TB'];
  const power = Math.min(Math.floor(Math.log10(Math.max(bytes, 1)) / 3), units.length - 1);
  const value = bytes / 1000 ** power;
  return `${value.toLocaleString('en', { maximumFractionDigits: value < 10 && power > 0 ? 1 : 0 })} ${units[power]}`;
}

/** Milliseconds in the unit that says most: `850 ms`, `12 s`, `3 minutes`, `5 hours`, `2 days`. */
export function toDuration(ms: number): string {
  if (ms < 1000) return `${Math.round(ms)} ms`;
  const [unit, size] = (
    [
      ['days', 86_400_000],
      ['hours', 3_600_000],
      ['minutes', 60_000],
      ['s', 1000],
    ] as const
  ).find(([, size]) => ms >= 2 * size) ?? ['s', 1000];
  return `${(ms / size).toLocaleString('en', { maximumFractionDigits: unit === 's' && ms < 10_000 ? 1 : 0 })} ${unit}`;
}

export function toCount(count: number, noun: string): string {
  return `${count.toLocaleString('en')} ${noun}${count === 1 ? '' : 's'}`;
}

/** What a backup holds, a line for each table. */
export function toTableLines({ tables }: Manifest): string[] {
  const cells = tables.map(({ name, rows, bytes, sha256 }) => [name, toCount(rows, 'row'), toSize(bytes), sha256]);
  const widths = [0, 1, 2].map((at) => Math.max(...cells.map((row) => row[at]!.length)));
  return cells.map(
    ([name, rows, size, sha256]) =>
      `  ${name!.padEnd(widths[0]!)}  ${rows!.padStart(widths[1]!)}  ${size!.padStart(widths[2]!)}  sha256 ${sha256!.slice(0, 16)}…`,
  );
}

export function countRows({ tables }: Manifest): number {
  return tables.reduce((sum, { rows }) => sum + rows, 0);
}
