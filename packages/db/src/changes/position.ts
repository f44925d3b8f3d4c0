import { createKeysCursor, InvalidCursorError, parseKeysCursor } from '../records/cursor.ts';
import { toIsoTime } from '../schema/row-types.ts';

/** A row of the log. No other history of the database has a row with the same revision and time. */
export interface LogRow {
  readonly revision: string;
  /** Milliseconds since 1970. */
  readonly at: number;
}

export type RecordKind = 'task' | 'list';

/** A place within a copy that began when `row` was the newest one, after a record. Lists come before tasks. */
export interface CopyPlace {
  readonly in: 'copy';
  readonly row: LogRow;
  readonly after: { readonly kind: RecordKind; readonly id: string };
}

/** A place in the log after a row. */
export interface LogPlace {
  readonly in: 'log';
  readonly row: LogRow;
  /** Whether there were more changes when the page was read. */
  readonly isBehind: boolean;
  /** The place is within the row, after this number of its IDs. */
  readonly sent?: number;
}

/** A place in a user's changes. The start is before the first page of a copy. */
export type Place = { readonly in: 'start' } | CopyPlace | LogPlace;

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
  const row = [place.row.revision, String(place.row.at)];
  if (place.in === 'copy') return [...row, place.after.kind, place.after.id];
  return place.isBehind ? [...row, String(place.sent ?? '')] : row;
}

/** @throws InvalidCursorError for a cursor that `toCursor` did not return for this user. */
export function toPlace({ cursorKey, userId }: CursorContext, cursor: string): Place {
  const [revision, at, third, id] = readKeys(cursorKey, toSubject(userId), cursor);
  if (revision === undefined) return { in: 'start' };
  const row = { revision, at: Number(at) };
  if (id !== undefined) return { in: 'copy', row, after: { kind: third as RecordKind, id } };
  return { in: 'log', row, isBehind: third !== undefined, ...(third && { sent: Number(third) }) };
}

function readKeys(key: string, subject: string, cursor: string): string[] {
  try {
    return parseKeysCursor(key, subject, cursor);
  } catch (error) {
    throw error instanceof InvalidCursorError ? new InvalidCursorError('since') : error;
  }
}

/** @param at PostgreSQL's text of the time. */
export function toLogRow(revision: string, at: string): LogRow {
  return { revision, at: Date.parse(toIsoTime(at)) };
}

export function isSameRow(one: LogRow, other: LogRow): boolean {
  return one.revision === other.revision && one.at === other.at;
}
