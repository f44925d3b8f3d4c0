import { createHmac, timingSafeEqual } from 'node:crypto';
import { parse, stringify } from 'uuid';
import { InvalidCursorError } from './errors.ts';

/** A place in a list: the last task that was shown. */
export interface Position {
  /** ISO 8601, UTC, milliseconds. */
  createdAt: string;
  id: string;
}

const timeBytes = 8;
const idBytes = 16;
const macBytes = 16;

/**
 * The place as an opaque text of 54 characters, sealed for one list.
 *
 * @param list What the cursor is bound to: user, filter and order.
 */
export function createCursor(key: string, list: string, { createdAt, id }: Position): string {
  const place = Buffer.alloc(timeBytes + idBytes);
  place.writeBigInt64BE(BigInt(Date.parse(createdAt)));
  place.set(parse(id), timeBytes);
  return Buffer.concat([place, seal(key, list, place)]).toString('base64url');
}

/** @throws InvalidCursorError for anything but what `createCursor` gave for the same key and list. */
export function parseCursor(key: string, list: string, cursor: string): Position {
  const bytes = Buffer.from(cursor, 'base64url');
  // Decoding ignores what is no base64url, so the same bytes have many spellings; one of them is ours.
  if (bytes.length !== timeBytes + idBytes + macBytes || bytes.toString('base64url') !== cursor) {
    throw new InvalidCursorError();
  }
  const place = bytes.subarray(0, timeBytes + idBytes);
  if (!timingSafeEqual(bytes.subarray(timeBytes + idBytes), seal(key, list, place))) throw new InvalidCursorError();
  return {
    createdAt: new Date(Number(place.readBigInt64BE())).toISOString(),
    id: stringify(place.subarray(timeBytes)),
  };
}

function seal(key: string, list: string, place: Buffer): Buffer {
  return createHmac('sha256', key).update(list).update('\n').update(place).digest().subarray(0, macBytes);
}
