/** An array in JSON. The items are in JSON already, so that `mapInSlices` can convert them. */
export function toJsonArray(items: readonly string[]): string {
  return `[${items.join()}]`;
}
