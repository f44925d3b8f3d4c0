import { createKeysCursor, InvalidCursorError, parseKeysCursor } from '../records/cursor.ts';

/** A row of the log. No other history of the database has a row with the same revision and time. */
export interface LogRow {
  revision: string;
  /** Milliseconds since 1970. */
  at: number;
}

/**
 * A place in the changes of a user.
 * - start: before the first page of a copy
 * - copy: within a copy that began when `row` was the newest one. `after` is the last record that was sent; lists come first
 * - log: after a row of the log, or after the first `sent` IDs of the row
 */
export type Place =
  | { in: 'start' }
  | { in: 'copy'; row: LogRow; after: { kind: RecordKind; id: string } }
  | { in: 'log'; row: LogRow; sent?: number };

export type RecordKind = 'task' | 'list';

/** The user to whom a cursor belongs, and the key that signs cursors. */
export interface CursorContext {
  cursorKey: string;
  userId: string;
}

const toSubject = (userId: string) => `${userId} changes`;

export function toCursor({ cursorKey, userId }: CursorContext, place: Place): string {
  return createKeysCursor(cursorKey, toSubject(userId), toKeys(place));
}

function toKeys(place: Place): string[] {
  if (place.in === 'start') return [];
  const { revision, at } = place.row;
  if (place.in === 'copy') return [revision, String(at), place.after.kind, place.after.id];
  return place.sent === undefined ? [revision, String(at)] : [revision, String(at), String(place.sent)];
}

/** @throws InvalidCursorError for a cursor that `toCursor` did not return for this user. */
export function toPlace({ cursorKey, userId }: CursorContext, cursor: string): Place {
  const [revision, at, third, id] = readKeys(cursorKey, toSubject(userId), cursor);
  if (revision === undefined) return { in: 'start' };
  const row = { revision, at: Number(at) };
  if (id !== undefined) return { in: 'copy', row, after: { kind: third as RecordKind, id } };
  return { in: 'log', row, ...(third !== undefined && { sent: Number(third) }) };
}

function readKeys(key: string, subject: string, cursor: string): string[] {
  try {
    return parseKeysCursor(key, subject, cursor);
  } catch (error) {
    throw error instanceof InvalidCursorError ? new InvalidCursorError('since') : error;
  }
}
