const lengthMin = 8;

/**
 * Shortens each ID to its shortest unique end of at least eight characters.
 *
 * The start of an ID is its time: IDs of one day share four characters, IDs of one minute seven or eight. The end is
 * random.
 */
export function toShortIds(ids: readonly string[]): (id: string) => string {
  const short = new Map<string, string>();
  let clashing = [...new Set(ids)];
  for (let length = lengthMin; clashing.length > 0; length += 1) {
    const byEnd = Map.groupBy(clashing, (id) => toCompactId(id).slice(-length));
    for (const [end, [id]] of [...byEnd].filter(([, same]) => same.length === 1)) short.set(id!, end);
    clashing = [...byEnd.values()].filter((same) => same.length > 1).flat();
  }
  return (id) => short.get(id) ?? toCompactId(id).slice(-lengthMin);
}

/** An ID in lower case without hyphens. */
export function toCompactId(id: string): string {
  return id.replaceAll('-', '').toLowerCase();
}
