/** The first time that is too late. Formats with four digits for the year cannot express it. */
export const timeLimit = `'10000-01-01 00:00:00+00'`;

/** The check that a time is in the years 1 to 9999, so that every client can read it. */
export function toTimeRange(column: string): string {
  return `${column} >= '0001-01-01 00:00:00+00' and ${column} < ${timeLimit}`;
}
