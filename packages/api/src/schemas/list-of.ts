import { Slices } from '@holdfast/operation';
import { z } from 'zod';

/** Items with problems after which the others are not checked. An error shows five problems. */
const invalidMax = 20;

type Context = z.core.ParseContextInternal;
type Payload = z.core.ParsePayload;

/** A check of a value. */
interface Check {
  invalid: number;
  /** Null if the whole value is checked at once. */
  slices: Slices | null;
  /** Ends when the next item may be checked. Undefined while the first slice has time left. */
  turn: Promise<unknown> | undefined;
  /** The items themselves are checked at once: zod has compiled checks only for that. */
  itemContext: Context;
}

const checks = new WeakMap<Context, Check>();

function toCheck(context: Context): Check {
  let check = checks.get(context);
  if (check === undefined) {
    const itemContext = context.async ? { ...context, async: false } : context;
    check = { invalid: 0, slices: context.async ? new Slices() : null, turn: undefined, itemContext };
    checks.set(context, check);
  }
  return check;
}

/**
 * An array that `parseAsync` checks in slices, so that other requests do not wait. It does not collect the problems of thousands of
 * items, which would take longer than the call itself.
 */
export function arrayOf<Item extends z.ZodType>(item: Item): z.ZodArray<Item> {
  const sliced = item.clone();
  const { run } = sliced._zod;
  const runOnce = (payload: Payload, check: Check) => {
    if (check.invalid >= invalidMax) return payload;
    const checked = run(payload, check.itemContext);
    if (!(checked instanceof Promise) && checked.issues.length > 0) check.invalid += 1;
    return checked;
  };
  sliced._zod.run = (payload, context) => {
    const check = toCheck(context);
    const { turn, slices } = check;
    if (slices === null) return runOnce(payload, check);
    if (turn === undefined) {
      const checked = runOnce(payload, check);
      check.turn = slices.next();
      return checked;
    }
    const checked = turn.then(() => runOnce(payload, check));
    check.turn = checked.then(() => slices.next());
    return checked;
  };
  return z.array(sliced);
}

/**
 * As `arrayOf`, with at most `max` items. It runs no check of an array that is too long. The result is invalid all the same.
 *
 * @param limit.error The message if there are more items.
 */
export function listOf<Item extends z.ZodType>(item: Item, limit: { max: number; error: string }): z.ZodArray<Item> {
  return arrayOf(item).max(limit.max, { error: limit.error, abort: true });
}

/** Shorter arrays are checked at once. */
const shortItems = 20;

/** Whether a field of the value is a long array. */
export function hasLongArray(value: unknown): boolean {
  if (typeof value !== 'object' || value === null) return false;
  return Object.values(value).some((member) => Array.isArray(member) && member.length > shortItems);
}
