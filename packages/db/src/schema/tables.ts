import type { InferKyselyTable } from '@mikro-orm/postgresql';
import type { Generated } from 'kysely';
import type { TaskSchema } from './entities/task.ts';
import type { UserSchema } from './entities/user.ts';

/** MikroORM's pool hands times over as PostgreSQL writes them, so that no `Date` is made where none is wanted. */
type TimesAsText<Table> = {
  [Column in keyof Table]: Table[Column] extends Generated<Date>
    ? Generated<string>
    : Date extends Table[Column]
      ? Exclude<Table[Column], Date> | string
      : Table[Column];
};

/** The tables as Kysely sees them, derived from the entities. */
export interface Tables {
  users: TimesAsText<InferKyselyTable<typeof UserSchema>>;
  tasks: TimesAsText<InferKyselyTable<typeof TaskSchema>>;
}

/**
 * A time as PostgreSQL writes it (`2026-01-31 12:00:00.5+00`, without trailing zeros) as ISO 8601 in UTC with
 * milliseconds.
 */
export function toIsoTime(text: string): string {
  // Nearly every server speaks UTC, and then the digits only want rearranging.
  if (text.endsWith('+00') && text[10] === ' ') {
    const milliseconds = text.length === 22 ? '000' : text.slice(20, -3).padEnd(3, '0');
    return `${text.slice(0, 10)}T${text.slice(11, 19)}.${milliseconds}Z`;
  }
  return new Date(text).toISOString();
}
