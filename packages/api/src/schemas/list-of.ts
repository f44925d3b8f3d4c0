import { z } from 'zod';

/** Items with problems after which the others are not checked. An error shows five problems. */
const invalidMax = 20;

/** Of one check of a value. */
const invalidItems = new WeakMap<z.core.ParseContextInternal, number>();

/**
 * An array of at most `max` items. It does not collect the problems of thousands of items, which would take longer than the call
 * itself, and runs no further check of an array that is too long. The result is invalid all the same.
 *
 * @param limit.error The message if there are more items.
 */
export function listOf<Item extends z.ZodType>(item: Item, limit: { max: number; error: string }): z.ZodArray<Item> {
  const limited = item.clone();
  const { run } = limited._zod;
  limited._zod.run = (payload, context) => {
    const invalid = invalidItems.get(context) ?? 0;
    if (invalid >= invalidMax) return payload;
    const checked = run(payload, context);
    if (!(checked instanceof Promise) && checked.issues.length > 0) invalidItems.set(context, invalid + 1);
    return checked;
  };
  return z.array(limited).max(limit.max, { error: limit.error, abort: true });
}
