import { mapInSlices } from '@holdfast/operation';
import { type RawBuilder, sql } from 'kysely';
import { readInteger, readOptionalText, readText, readTexts, readTime } from '../records/fields.ts';
import { createStatement, type TextRow } from '../scope/prepared-statement.ts';
import { internalsOf, type UserScope } from '../scope/user-scope.ts';
import { type Due, readDue } from '../tasks/due.ts';
import { hashCalendarSecret } from './feed.ts';

/** A task of a calendar. Times are ISO 8601 in UTC with milliseconds. */
export interface CalendarTask {
  /** UUID. */
  id: string;
  title: string;
  /** At most 500 characters. */
  description: string | null;
  due: Due;
  priority: 0 | 1 | 2 | 3;
  labels: string[];
  createdAt: string;
  updatedAt: string;
  version: number;
}

export interface Calendar {
  /** IANA name of the user's zone. Null if the user has not set it. */
  timeZone: string | null;
  /** In the order of their dates. */
  tasks: CalendarTask[];
}

/** Most tasks from today on, and most tasks of the year before. */
export const calendarLimits = { next: 750, overdue: 250 } as const;

interface CalendarArgs {
  userId: string;
  hash: string;
  /** YYYY-MM-DD */
  today: string;
  // For numbers in the text, the planner would sort all tasks if users have fewer on average.
  next: number;
  overdue: number;
}

const columns = sql`id, title, description, due_date, due_time, due_time_zone, priority, labels, created_at, updated_at, version`;

interface Row {
  [column: string]: string | null;
}

export const readCalendarStatement = createStatement<CalendarArgs>('calendar_read', (db, { value }) => {
  const openTasks = (condition: RawBuilder<unknown>, order: 'asc' | 'desc', limit: unknown) =>
    sql`(select ${columns} from public.tasks
      where user_id = ${value('userId')}::uuid and due_date is not null and deleted_at is null and not completed and ${condition}
      order by due_date ${sql.raw(order)}, due_time ${sql.raw(order)}, id ${sql.raw(order)} limit ${limit})`;
  const today = sql`${value('today')}::date`;
  const next = openTasks(sql`due_date >= ${today}`, 'asc', value('next'));
  const overdue = openTasks(sql`due_date < ${today} and due_date >= ${today} - 365`, 'desc', value('overdue'));
  return db
    .selectFrom('calendar_feeds')
    .innerJoin('users', 'users.id', 'calendar_feeds.user_id')
    .leftJoin(sql<Row>`lateral (${overdue} union all ${next})`.as('task'), (join) => join.onTrue())
    .select(['users.time_zone', 'task.id', 'task.title', sql<string>`left(task.description, 500)`.as('description')])
    .select(
      ['due_date', 'due_time', 'due_time_zone', 'priority', 'labels'].map((name) => sql.ref(`task.${name}`).as(name)),
    )
    .select(['created_at', 'updated_at', 'version'].map((name) => sql.ref(`task.${name}`).as(name)))
    .where('users.id', '=', value('userId'))
    .where('calendar_feeds.user_id', '=', value('userId'))
    .where('calendar_feeds.hash', '=', value('hash'))
    .orderBy(sql`task.due_date, task.due_time, task.id`);
});

/**
 * Returns the open tasks with a due date of the scope's user: at most 750 from today on, the nearest first, and at most 250 of the
 * year before, the latest first. Undefined if the secret is not that of this user.
 *
 * @param today The date in UTC as YYYY-MM-DD.
 */
export async function readCalendar(scope: UserScope, secret: string, today: string): Promise<Calendar | undefined> {
  const args = { userId: scope.userId, hash: hashCalendarSecret(secret), today, ...calendarLimits };
  const rows = await internalsOf(scope).run(readCalendarStatement, args);
  if (rows.length === 0) return undefined;
  return {
    timeZone: readOptionalText(rows[0]![0]!),
    // Without tasks, the user's row has none beside it.
    tasks: await mapInSlices(
      rows.filter((row) => row[1] !== null),
      toCalendarTask,
    ),
  };
}

function toCalendarTask(row: TextRow): CalendarTask {
  const [, id, title, description, date, time, timeZone, priority, labels, createdAt, updatedAt, version] =
    row as string[];
  return {
    id: readText(id!),
    title: readText(title!),
    description: readOptionalText(description!),
    due: readDue(date!, time!, timeZone!)!,
    priority: readInteger(priority!) as CalendarTask['priority'],
    labels: readTexts(labels!),
    createdAt: readTime(createdAt!),
    updatedAt: readTime(updatedAt!),
    version: readInteger(version!),
  };
}
