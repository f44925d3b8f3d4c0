/**
 * A function that remembers its result for each source. The arrays of the replica are the same as long as nothing changes, so that
 * a result is computed once per change.
 */
export function remember<Source extends object, Result>(
  compute: (source: Source) => Result,
): (source: Source) => Result {
  const results = new WeakMap<Source, Result>();
  return (source) => {
    let result = results.get(source);
    if (result === undefined) results.set(source, (result = compute(source)));
    return result;
  };
}
