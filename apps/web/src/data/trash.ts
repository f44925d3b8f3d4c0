import type { Task } from '@holdfast/client';

const results = new WeakMap<readonly Task[], Task[]>();

/** Tasks of the trash, the last deleted first. */
export function findTrash(trash: readonly Task[]): Task[] {
  let result = results.get(trash);
  if (result === undefined) {
    result = trash.toSorted((one, other) => (one.deletedAt! < other.deletedAt! ? 1 : -1));
    results.set(trash, result);
  }
  return result;
}
