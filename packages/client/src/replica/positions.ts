const digits = '0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz';

function toBase62(value: number, length: number): string {
  return Array.from({ length }, (_, at) => digits[Math.floor(value / 62 ** (length - 1 - at)) % 62]).join('');
}

/**
 * Positions at the end of a list, ascending. They are the same as those of the server: the time with seven digits, then four
 * random digits, of which the last one is not 0.
 */
export function createEndPositions(now: number, count: number): string[] {
  return Array.from({ length: count }, (_, at) => {
    const random = Math.floor(((at + Math.random() / 2) / count) * 62 ** 3 * 61);
    return `g${toBase62(now, 7)}${toBase62(Math.floor(random / 61), 3)}${digits[1 + (random % 61)]}`;
  });
}

/** The given positions in ascending order, each of them once. */
export function toAscending(positions: readonly string[]): string[] {
  const ascending: string[] = [];
  for (const position of positions.toSorted((one, other) => (one < other ? -1 : 1))) {
    const last = ascending.at(-1);
    ascending.push(last !== undefined && position <= last ? `${last}1` : position);
  }
  return ascending;
}
