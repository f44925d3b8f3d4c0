import type { InferKyselyTable } from '@mikro-orm/postgresql';
import type { Generated } from 'kysely';
import type { CalendarFeedSchema } from './entities/calendar-feed.ts';
import type { ChangeSchema } from './entities/change.ts';
import type { ListSchema } from './entities/list.ts';
import type { TaskSchema } from './entities/task.ts';
import type { UserSchema } from './entities/user.ts';

/** The pool returns times as PostgreSQL's text, which avoids `Date` objects that nothing needs. */
type TimesAsText<Row> = {
  [Column in keyof Row]: Row[Column] extends Generated<Date>
    ? Generated<string>
    : Date extends Row[Column]
      ? Exclude<Row[Column], Date> | string
      : Row[Column];
};

/** The row type of each table for Kysely, derived from the entities. */
export interface Tables {
  users: TimesAsText<InferKyselyTable<typeof UserSchema>>;
  lists: TimesAsText<InferKyselyTable<typeof ListSchema>>;
  tasks: TimesAsText<InferKyselyTable<typeof TaskSchema>>;
  changes: TimesAsText<InferKyselyTable<typeof ChangeSchema>>;
  calendar_feeds: TimesAsText<InferKyselyTable<typeof CalendarFeedSchema>>;
}

/**
 * Converts PostgreSQL's text of a time (`2026-01-31 12:00:00.5+00`, without trailing zeros) to ISO 8601 in UTC with
 * milliseconds.
 */
export function toIsoTime(text: string): string {
  // Fast path: almost every server uses UTC, so the digits only need another layout.
  if (text.endsWith('+00') && text[10] === ' ') {
    const milliseconds = text.length === 22 ? '000' : text.slice(20, -3).padEnd(3, '0');
    return `${text.slice(0, 10)}T${text.slice(11, 19)}.${milliseconds}Z`;
  }
  return new Date(text).toISOString();
}
