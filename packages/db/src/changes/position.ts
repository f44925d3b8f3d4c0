import { createKeysCursor, InvalidCursorError, parseKeysCursor } from '../records/cursor.ts';
import { toIsoTime } from '../schema/row-types.ts';

/** A row of the log. No other history of the database has a row with the same revision and time. */
export interface LogRow {
  readonly revision: string;
  /** Milliseconds since 1970. */
  readonly at: number;
}

export type RecordKind = 'task' | 'list';

/** A place within a copy, after a record. Lists come before tasks. */
export interface CopyPlace {
  readonly in: 'copy';
  /** The newest row when the last page was read. Records that the client has can contain every change up to it. */
  readonly newest: LogRow;
  /** The newest revision when the copy began. */
  readonly start: string;
  readonly after: { readonly kind: RecordKind; readonly id: string };
}

/** A place in the log, after the row with a revision. */
export interface LogPlace {
  readonly in: 'log';
  /** As that of a copy. */
  readonly newest: LogRow;
  readonly revision: string;
  /** The place is within the row, after this number of its IDs. */
  readonly sent?: number | undefined;
}

/** A place in a user's changes. */
export type Place = CopyPlace | LogPlace;

/** Whether there were more changes when the page that ends at this place was read. */
export function hasMoreAfter(place: Place): boolean {
  return place.in === 'copy' || place.sent !== undefined || place.revision !== place.newest.revision;
}

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
  const row = [place.newest.revision, String(place.newest.at)];
  if (place.in === 'copy') return [...row, place.start, place.after.kind, place.after.id];
  return hasMoreAfter(place) ? [...row, place.revision, String(place.sent ?? '')] : row;
}

/** @throws InvalidCursorError for a cursor that `toCursor` did not return for this user. */
export function toPlace({ cursorKey, userId }: CursorContext, cursor: string): Place {
  const [newestRevision, at, revision, fourth, id] = readKeys(cursorKey, toSubject(userId), cursor);
  const newest = { revision: newestRevision!, at: Number(at) };
  if (id !== undefined) return { in: 'copy', newest, start: revision!, after: { kind: fourth as RecordKind, id } };
  return { in: 'log', newest, revision: revision ?? newest.revision, sent: fourth ? Number(fourth) : undefined };
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
