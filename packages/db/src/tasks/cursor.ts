import { createHmac, timingSafeEqual } from 'node:crypto';
import { InvalidCursorError } from './errors.ts';

/** A place in a list: the last task that was shown. */
export interface Position {
  /** ISO 8601, UTC, milliseconds. */
  createdAt: string;
  id: string;
}

/**
 * The place as an opaque text of 68 characters, sealed for one list.
 *
 * @param list What the cursor is bound to: user, filter and order.
 */
export function createCursor(key: string, list: string, { createdAt, id }: Position): string {
  const place = `${Date.parse(createdAt).toString(36)}.${id}`;
  return `${place}.${seal(key, list, place)}`;
}

/** @throws InvalidCursorError for anything but what `createCursor` gave for the same key and list. */
export function parseCursor(key: string, list: string, cursor: string): Position {
  const end = cursor.lastIndexOf('.');
  const place = cursor.slice(0, Math.max(0, end));
  if (!isSame(cursor.slice(end + 1), seal(key, list, place))) throw new InvalidCursorError();
  const [time, id] = place.split('.') as [string, string];
  return { createdAt: new Date(Number.parseInt(time, 36)).toISOString(), id };
}

/** The first 132 bits of HMAC-SHA-256. */
function seal(key: string, list: string, place: string): string {
  return createHmac('sha256', key).update(`${list}\n${place}`).digest('base64url').slice(0, 22);
}

/** Takes the same time for any text of the right length, so that the right one cannot be found out piece by piece. */
function isSame(text: string, expected: string): boolean {
  const [one, other] = [Buffer.from(text), Buffer.from(expected)];
  return one.length === other.length && timingSafeEqual(one, other);
}
