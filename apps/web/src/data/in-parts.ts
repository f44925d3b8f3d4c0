interface Limits {
  /** Most values of a part. Default: 500, the most tasks of one call. */
  countMax?: number;
  /** Most characters of a part, as JSON. Default: no limit. */
  charactersMax?: number;
}

/** Parts that one call accepts each. A value that alone has too many characters is a part of its own. */
export function inParts<Value>(values: readonly Value[], { countMax = 500, charactersMax }: Limits = {}): Value[][] {
  const parts: Value[][] = [];
  let characters = 0;
  for (const value of values) {
    const length = charactersMax === undefined ? 0 : JSON.stringify(value).length;
    const part = parts.at(-1);
    const isFull = !part || part.length === countMax || characters + length > (charactersMax ?? 0);
    if (isFull) parts.push([value]);
    else part.push(value);
    characters = isFull ? length : characters + length;
  }
  return parts;
}
