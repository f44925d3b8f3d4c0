import type { Operation } from '@trpc/client';

/** The records that a call is about, each as kind and ID. */
export interface TouchedRecords {
  /** Records that the call changes, or reads if it is a query. */
  changed: readonly string[];
  /** Lists that must exist before the call. */
  needed: readonly string[];
}

interface Input {
  id?: unknown;
  ids?: unknown;
  listId?: unknown;
  moveTo?: unknown;
  items?: unknown;
  set?: unknown;
}

export const isObject = (value: unknown): value is object => typeof value === 'object' && value !== null;
const toArray = (value: unknown): unknown[] => (Array.isArray(value) ? value : [value]);

function toRecords(kind: string, ids: readonly unknown[]): string[] {
  return [...new Set(ids)].filter((id) => typeof id === 'string').map((id) => `${kind} ${id.toLowerCase()}`);
}

/**
 * The records of a call, according to the fields of its input. A mutation without IDs, such as `user.update`, changes the
 * one record of its router.
 */
export function findTouchedRecords({ path, type, input }: Operation): TouchedRecords {
  const router = path.slice(0, path.indexOf('.'));
  const { items, set } = isObject(input) ? (input as Input) : {};
  const parts: Input[] = [input, set, ...toArray(items)].filter(isObject);
  const pick = (...names: (keyof Input)[]) => parts.flatMap((part) => names.flatMap((name) => toArray(part[name])));
  const changed = toRecords(router === 'list' ? 'list' : 'task', pick('id', 'ids'));
  const isOfRouter = changed.length === 0 && (type === 'mutation' || path === 'user.me');
  return { changed: isOfRouter ? [router] : changed, needed: toRecords('list', pick('listId', 'moveTo')) };
}
