import { z } from 'zod';

/** Items with problems after which the others are not checked. An error shows five problems. */
const invalidMax = 20;

/** Of one check of a value. */
const invalidItems = new WeakMap<z.core.ParseContextInternal, number>();

/**
 * An array that does not collect the problems of thousands of items, which would take longer than the call itself. The result is
 * invalid all the same.
 */
export function listOf<Item extends z.ZodType>(item: Item): z.ZodArray<Item> {
  const limited = item.clone();
  const { run } = limited._zod;
  limited._zod.run = (payload, context) => {
    const invalid = invalidItems.get(context) ?? 0;
    if (invalid >= invalidMax) return payload;
    const checked = run(payload, context);
    if (!(checked instanceof Promise) && checked.issues.length > 0) invalidItems.set(context, invalid + 1);
    return checked;
  };
  return z.array(limited);
}
