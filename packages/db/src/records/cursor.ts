import { createHmac, timingSafeEqual } from 'node:crypto';

/** The cursor was issued for another user, filter, order or call, or was not issued by Holdfast. */
export class InvalidCursorError extends Error {
  override readonly name = 'InvalidCursorError';
  readonly code = 'INVALID_CURSOR';
  /** The field of the input. */
  readonly field: 'cursor' | 'since';
  constructor(field: 'cursor' | 'since' = 'cursor') {
    super(
      field === 'cursor'
        ? 'The cursor does not match this list. Start again without a cursor.'
        : 'The cursor does not match this user. Start again without since.',
    );
    this.field = field;
  }
}

/** The last task of a page in an order by time. */
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
  return sign(key, list, `${Date.parse(createdAt).toString(36)}.${id}`);
}

/** @throws InvalidCursorError unless `createCursor` returned the cursor for the same key and list. */
export function parseCursor(key: string, list: string, cursor: string): Position {
  const [time, id] = verify(key, list, cursor).split('.') as [string, string];
  return { createdAt: new Date(Number.parseInt(time, 36)).toISOString(), id };
}

/**
 * Encodes the sort keys of a page's last row as an opaque string, signed for one list. Its length is 23 characters, and
 * four for each three bytes of the keys in JSON.
 */
export function createKeysCursor(key: string, list: string, sortKeys: readonly string[]): string {
  return sign(key, list, Buffer.from(JSON.stringify(sortKeys)).toString('base64url'));
}

/** @throws InvalidCursorError unless `createKeysCursor` returned the cursor for the same key and list. */
export function parseKeysCursor(key: string, list: string, cursor: string): string[] {
  return JSON.parse(Buffer.from(verify(key, list, cursor), 'base64url').toString()) as string[];
}

function sign(key: string, list: string, position: string): string {
  return `${position}.${toSignature(key, list, position)}`;
}

/** Returns the position of a signed cursor. */
function verify(key: string, list: string, cursor: string): string {
  const end = cursor.lastIndexOf('.');
  const position = cursor.slice(0, Math.max(0, end));
  if (!isEqual(cursor.slice(end + 1), toSignature(key, list, position))) throw new InvalidCursorError();
  return position;
}

/** Each takes about 300 bytes. */
const knownMax = 4000;

/** The last signatures by what they sign. Clients send cursors back, those of a feed without changes many times. */
const known = new Map<string, string>();

/** The first 132 bits of HMAC-SHA-256. */
function toSignature(key: string, list: string, position: string): string {
  const signed = `${key}\n${list}\n${position}`;
  let signature = known.get(signed);
  if (signature === undefined) {
    signature = createHmac('sha256', key).update(`${list}\n${position}`).digest('base64url').slice(0, 22);
    // A map returns its keys in insertion order, so the first one is the oldest.
    if (known.size >= knownMax) known.delete(known.keys().next().value!);
    known.set(signed, signature);
  }
  return signature;
}

/** Compares in constant time, so that response times do not reveal a valid signature. */
function isEqual(text: string, expected: string): boolean {
  const [one, other] = [Buffer.from(text), Buffer.from(expected)];
  return one.length === other.length && timingSafeEqual(one, other);
}
