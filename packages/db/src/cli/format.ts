/** 1,234 bytes as `1.2 kB`. All sizes are decimal: 1 kB is 1,000 bytes, and 1 MB is 1,000,000 bytes. */
export function formatSize(bytes: number): string {
  const units = ['bytes', 'kB', 'MB', 'GB', 'TB'];
  const power = Math.min(Math.floor(Math.log10(Math.max(bytes, 1)) / 3), units.length - 1);
  const value = bytes / 1000 ** power;
  return `${value.toLocaleString('en', { maximumFractionDigits: value < 10 && power > 0 ? 1 : 0 })} ${units[power]}`;
}

/** Milliseconds in the largest unit that counts at least two: `850 ms`, `12 s`, `3 minutes`, `5 hours`, `2 days`. */
export function formatDuration(ms: number): string {
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

/** `1 row`, `1,234 rows`. */
export function formatCount(count: number, noun: string): string {
  return `${count.toLocaleString('en')} ${noun}${count === 1 ? '' : 's'}`;
}

/** Replaces control characters, which a terminal would execute, in a name from the database. */
export function toPrintable(text: string): string {
  return text.replaceAll(/\p{Control}/gu, '�');
}
