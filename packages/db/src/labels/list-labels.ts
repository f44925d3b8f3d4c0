import { sql } from 'kysely';
import { readInteger, readText } from '../records/fields.ts';
import { createStatement } from '../scope/prepared-statement.ts';
import { internalsOf, type UserScope } from '../scope/user-scope.ts';

export interface LabelRecord {
  name: string;
  /** Tasks with this label that are not in the trash, open or completed. */
  count: number;
}

/** Most labels of one result. Without a limit, a user could have 20 for each task. */
export const maxLabels = 1000;

export const listLabelsStatement = createStatement<{ userId: string }>(
  'label_list',
  (db, { value }) =>
    db
      .selectFrom((query) =>
        query
          .selectFrom(['tasks', sql<{ name: string }>`unnest(labels)`.as<'label'>(sql`label (name)`)])
          .select(['label.name', sql<number>`count(*)`.as('count')])
          .where('user_id', '=', value('userId'))
          .where('deleted_at', 'is', null)
          .groupBy('label.name')
          .orderBy('count', 'desc')
          .orderBy(sql`label.name collate "C"`)
          .limit(sql.lit(maxLabels))
          .as('most_used'),
      )
      .select(['name', 'count'])
      .orderBy(sql`name collate "C"`),
  { isLong: () => true },
);

/**
 * Returns the labels of all tasks that are not in the trash, with the number of their tasks, in order of the names, compared
 * bytewise. Names that differ only in case are different labels. Of more than 1,000 labels, returns those with the most tasks.
 */
export async function listLabels(scope: UserScope): Promise<{ items: LabelRecord[] }> {
  const rows = await internalsOf(scope).run(listLabelsStatement, { userId: scope.userId });
  return { items: rows.map(([name, count]) => ({ name: readText(name!), count: readInteger(count!) })) };
}
