interface Limits {
  /** Most values of a part. Default: 500, the most tasks of one call. */
  countMax?: number;
  /** Most characters of a part, as JSON. Default: no limit. */
  charactersMax?: number;
}

/** Splits values into parts for one call each. A value with too many characters becomes a separate part. */
export function inParts<Value>(
  values: readonly Value[],
  { countMax = 500, charactersMax = Infinity }: Limits = {},
): Value[][] {
  const parts: Value[][] = [];
  let characters = 0;
  for (const value of values) {
    const length = charactersMax === Infinity ? 0 : JSON.stringify(value).length;
    const part = parts.at(-1);
    const isFull = !part || part.length === countMax || characters + length > charactersMax;
    if (isFull) parts.push([value]);
    else part.push(value);
    characters = isFull ? length : characters + length;
  }
  return parts;
}
