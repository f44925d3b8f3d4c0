import { createPositionBetween, createPositions } from '@holdfast/task-values';

/** A place in a list. Null is the start or the end. */
export interface Place {
  listId: string | null;
  /** The task above. */
  before: string | null;
  /** The task below. */
  after: string | null;
}

interface Placed {
  id: string;
  position: string;
}

/** Positions between two neighbors, in ascending order. They are short also if there are many. */
function spread(lower: string | null, upper: string | null, count: number): string[] {
  if (count <= 0) return [];
  const middle = createPositionBetween(lower, upper);
  const above = Math.floor((count - 1) / 2);
  return [...spread(lower, middle, above), middle, ...spread(middle, upper, count - 1 - above)];
}

/** Index of the task above which the moved ones go. */
function findIndex(others: readonly Placed[], { before, after }: Place): number {
  const above = others.findIndex(({ id }) => id === before);
  if (above !== -1) return above + 1;
  const below = others.findIndex(({ id }) => id === after);
  return below === -1 ? others.length : below;
}

/**
 * Positions that put tasks at a place, in the order of `ids`. `others` are all other tasks of the list, from first to last. Tasks
 * below the place that have the position of the task above it get a new position too, so that something fits between them.
 */
export function planMove(others: readonly Placed[], place: Place, ids: readonly string[]): [id: string, string][] {
  const at = findIndex(others, place);
  const lower = others[at - 1]?.position ?? null;
  const rest = others.slice(at);
  const equal = lower === null ? -1 : rest.findIndex(({ position }) => position > lower);
  const shifted = lower === null ? [] : equal === -1 ? rest : rest.slice(0, equal);
  const upper = rest[shifted.length]?.position ?? null;
  const moved = [...ids, ...shifted.map(({ id }) => id)];
  try {
    const positions = spread(lower, upper, moved.length);
    return moved.map((id, index) => [id, positions[index]!]);
  } catch {
    // No short position fits any more: the whole list gets new ones.
    const all = [...others.slice(0, at).map(({ id }) => id), ...ids, ...rest.map(({ id }) => id)];
    const positions = createPositions(all.length);
    return all.map((id, index) => [id, positions[index]!]);
  }
}
