const lengthMin = 8;

/**
 * The shortest end of each id, of eight characters or more, that no other of these ids has.
 *
 * It is the end because ids begin with the time: those of one day share their first four characters, those of one
 * minute the first seven or eight, while the end is random.
 */
export function toShortIds(ids: readonly string[]): (id: string) => string {
  const short = new Map<string, string>();
  let clashing = [...new Set(ids)];
  for (let length = lengthMin; clashing.length > 0; length += 1) {
    const byEnd = Map.groupBy(clashing, (id) => toDigits(id).slice(-length));
    for (const [end, [id]] of [...byEnd].filter(([, same]) => same.length === 1)) short.set(id!, end);
    clashing = [...byEnd.values()].filter((same) => same.length > 1).flat();
  }
  return (id) => short.get(id) ?? toDigits(id).slice(-lengthMin);
}

/** An id without its hyphens. */
export function toDigits(id: string): string {
  return id.replaceAll('-', '').toLowerCase();
}
