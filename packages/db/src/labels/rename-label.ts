import { fold } from '@holdfast/task-values';
import { sql } from 'kysely';
import { createStatement, type Parameters } from '../scope/prepared-statement.ts';
import type { UserScope } from '../scope/user-scope.ts';
import { readRevision } from '../writes/conditions.ts';
import { createLogStatement } from '../writes/log.ts';
import { assertSameRequest, type Repeatable, type OperationArgs, toOperationArgs } from '../writes/operation.ts';
import { runWrite } from '../writes/run-write.ts';
import {
  areSearchesTooLarge,
  isFoldedLater,
  maxSearchBytesPerWrite,
  maxTasksPerWrite,
  TooManyTasksError,
} from '../writes/size-limit.ts';
import { toCaseKey } from './ignore-case.ts';

export interface LabelRenaming extends Repeatable {
  from: string;
  to: string;
}

interface RenameArgs extends OperationArgs {
  userId: string;
  from: string;
  fromKey: string;
  fromLetters: string;
  fromReplacements: string;
  foldedFrom: string;
  to: string;
  toKey: string;
  toLetters: string;
  toReplacements: string;
  foldedTo: string;
  changedAt: string;
}

/**
 * The new labels of a task. The new label takes the place of the first label that it replaces. The folded labels are in the same
 * order.
 */
function findNewLabels({ value }: Parameters<RenameArgs>) {
  const isFrom = sql`(label = ${value('from')} or translate(normalize(label, NFC), ${value('fromLetters')},
    ${value('fromReplacements')}) = ${value('fromKey')})`;
  const isTo = sql`(label = ${value('to')} or translate(normalize(label, NFC), ${value('toLetters')},
    ${value('toReplacements')}) = ${value('toKey')})`;
  return sql`(
    select array_agg(case when is_new then ${value('to')}::text else label end order by place) filter (where is_kept) as labels,
      string_agg(case when is_new then ${value('foldedTo')}::text else folded end, E'\t' order by place)
        filter (where is_kept) as folded,
      bool_or(is_old) as has_label
    from (
      select label, coalesce(folded, '') as folded, place, is_old, is_new,
        not is_new or row_number() over (partition by is_new order by place) = 1 as is_kept
      from (
        select label, folded, place, ${isFrom} as is_old, ${isFrom} or ${isTo} as is_new
        from unnest(tasks.labels, string_to_array(split_part(tasks.search, E'\n', 3), E'\t'))
          with ordinality as item (label, folded, place)
        where label is not null
      ) as compared
    ) as marked
  ) as renamed`;
}

/** Whether the renaming changes a task. The search text is a fast condition before the exact one. */
function isRenamed(parameters: Parameters<RenameArgs>) {
  const { value } = parameters;
  return sql<boolean>`(tasks.user_id = ${value('userId')} and tasks.labels <> '{}'
    and (not tasks.is_folded or strpos(tasks.search, ${value('foldedFrom')}) > 0)
    and (select has_label and renamed.labels is distinct from tasks.labels from ${findNewLabels(parameters)}))`;
}

/**
 * Returns the number of tasks that this write or an earlier one with the same operation ID has changed, the hash of the earlier
 * one, and whether there are too many tasks. The update has no join: without statistics of the table, PostgreSQL could compare
 * each task with each other.
 */
export const renameLabelStatement = createStatement<RenameArgs>(
  'label_rename',
  (db, parameters) => {
    const { value } = parameters;
    const userId = value('userId');
    const isLater = isFoldedLater(sql`(select is_search_too_large from size)`);
    return db
      .with('prior', (query) =>
        query
          .selectFrom('changes')
          .select(['request_hash', sql<number>`cardinality(task_ids)`.as('count')])
          .where('user_id', '=', userId)
          .where('operation_id', '=', value('operationId')),
      )
      .with(
        'size',
        () => sql<{ is_too_large: boolean; is_search_too_large: boolean }>`(
        select count(*) > ${sql.lit(maxTasksPerWrite)}
          or coalesce(sum(search_bytes), 0) > ${sql.lit(maxSearchBytesPerWrite)} as is_too_large,
          ${areSearchesTooLarge} as is_search_too_large
        from (select octet_length(search) as search_bytes from public.tasks where ${isRenamed(parameters)} limit ${sql.lit(maxTasksPerWrite + 1)}) as counted)`,
      )
      .with(
        'changed',
        () => sql<{ id: string }>`(
        update public.tasks
        set (labels, search) = (
            select renamed.labels, case when tasks.is_folded and not ${isLater}
              then split_part(tasks.search, E'\n', 1) || E'\n' || split_part(tasks.search, E'\n', 2) || E'\n' || renamed.folded
              else tasks.search end
            from ${findNewLabels(parameters)}),
          is_folded = is_folded and not ${isLater},
          updated_at = greatest(updated_at, ${value('changedAt')}),
          version = version + 1,
          revision = ${readRevision(userId)}
        where ${isRenamed(parameters)} and not exists (select from prior) and not (select is_too_large from size)
        returning id)`,
      )
      .selectFrom('changed')
      .select([
        sql<number>`coalesce((select count from prior), count(*))`.as('count'),
        sql<bigint | null>`(select request_hash from prior)`.as('prior_hash'),
        sql<boolean>`(select is_too_large from size)`.as('is_too_large'),
      ]);
  },
  { isLong: () => true },
);

/** Also remembers an operation that changed nothing. A refused one leaves tasks to rename. */
export const logRenamedLabelStatement = createLogStatement<RenameArgs>('log_label_renamed', {
  tasks: () => sql`true`,
  isAccepted: (parameters) => sql`not exists (select from public.tasks where ${isRenamed(parameters)})`,
});

/**
 * Renames a label in all tasks of the user, also in the trash. Case is ignored when the label is compared. The new label takes
 * the place of the old one; a task that has both labels retains one.
 *
 * @returns The number of tasks that were changed; for a repeated call, the number of the first call.
 * @throws TooManyTasksError if more than 10,000 tasks have the label, or tasks with more than 10,000,000 bytes of text.
 * @throws OperationConflictError
 */
export async function renameLabel(scope: UserScope, input: LabelRenaming): Promise<{ count: number }> {
  const { from, to } = input;
  const { userId } = scope;
  const operation = toOperationArgs('label.rename', input);
  const [fromCase, toCase] = [toCaseKey(from), toCaseKey(to)];
  const args: RenameArgs = {
    ...operation,
    userId,
    from,
    fromKey: fromCase.key,
    fromLetters: fromCase.letters,
    fromReplacements: fromCase.replacements,
    foldedFrom: fold(from),
    to,
    toKey: toCase.key,
    toLetters: toCase.letters,
    toReplacements: toCase.replacements,
    foldedTo: fold(to),
    changedAt: new Date().toISOString(),
  };
  const [row] = await runWrite(
    scope,
    { statement: renameLabelStatement, args },
    { statement: logRenamedLabelStatement, args },
  );
  const [count, priorHash, isTooLarge] = row!;
  assertSameRequest(priorHash!, operation);
  if (priorHash === null && isTooLarge === 't') {
    throw new TooManyTasksError(
      'The tasks with this label are too many or too large for one call. Use task.updateMany.',
    );
  }
  return { count: Number(count) };
}
