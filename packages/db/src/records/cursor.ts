import { createHmac, timingSafeEqual } from 'node:crypto';

/** The cursor was issued for another user, filter or order, or was not issued by Holdfast. */
export class InvalidCursorError extends Error {
  override readonly name = 'InvalidCursorError';
  readonly code = 'INVALID_CURSOR';
  constructor() {
    super('The cursor does not match this list. Start again without a cursor.');
  }
}

/** The last task of a page. */
export interface Position {
  /** ISO 8601 in UTC with milliseconds. */
  createdAt: string;
  id: string;
}

/**
 * Encodes a position as an opaque string of 68 characters, signed for one list.
 *
 * @param list The user, filter and order to which the cursor is bound.
 */
export function createCursor(key: string, list: string, { createdAt, id }: Position): string {
  const position = `${Date.parse(createdAt).toString(36)}.${id}`;
  return `${position}.${sign(key, list, position)}`;
}

/** @throws InvalidCursorError unless `createCursor` returned the cursor for the same key and list. */
export function parseCursor(key: string, list: string, cursor: string): Position {
  const end = cursor.lastIndexOf('.');
  const position = cursor.slice(0, Math.max(0, end));
  if (!isEqual(cursor.slice(end + 1), sign(key, list, position))) throw new InvalidCursorError();
  const [time, id] = position.split('.') as [string, string];
  return { createdAt: new Date(Number.parseInt(time, 36)).toISOString(), id };
}

/** The first 132 bits of HMAC-SHA-256. */
function sign(key: string, list: string, position: string): string {
  return createHmac('sha256', key).update(`${list}\n${position}`).digest('base64url').slice(0, 22);
}

/** Compares in constant time, so that response times do not reveal a valid signature. */
function isEqual(text: string, expected: string): boolean {
  const [one, other] = [Buffer.from(text), Buffer.from(expected)];
  return one.length === other.length && timingSafeEqual(one, other);
}
