import { columnsOf, createReader, readOptionalText, readText, readTime, type RecordOf } from '../records/fields.ts';

/** The field table of users. */
const fields = {
  /** UUID. */
  id: { columns: { id: 'uuid' }, read: readText },
  /** Of the account in the built-in sign-in; otherwise as in the user's last token that named one. */
  email: { columns: { email: 'text' }, read: readOptionalText },
  /** Of the account in the built-in sign-in; otherwise as in the user's last token that named one. */
  name: { columns: { name: 'text' }, read: readOptionalText },
  /** Time at which the account in the built-in sign-in was created; otherwise of the user's first call. */
  createdAt: { columns: { created_at: 'timestamptz' }, read: readTime },
  /** IANA name of the zone in which the user's days begin and end; null if the user has not set it. */
  timeZone: { columns: { time_zone: 'text' }, read: readOptionalText },
} as const;

/** A user. Times are ISO 8601 in UTC with milliseconds. */
export interface UserRecord extends RecordOf<typeof fields> {}

export const userColumns = columnsOf(fields);

/** Converts a row of `userColumns`. */
export const toUser: (row: (string | null)[]) => UserRecord = createReader(fields);
