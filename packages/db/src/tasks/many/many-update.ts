import { mapInSlices } from '@holdfast/operation';
import { type RawBuilder, sql } from 'kysely';
import { InvalidValueError } from '../../errors.ts';
import { ListNotFoundError } from '../../lists/errors.ts';
import { readTexts } from '../../records/fields.ts';
import { createStatement, type Parameters } from '../../scope/prepared-statement.ts';
import type { UserScope } from '../../scope/user-scope.ts';
import { findPrior } from '../../writes/conditions.ts';
import { isChanged, toNewValue } from '../../writes/given-columns.ts';
import { createLogStatement } from '../../writes/log.ts';
import { assertSameRequest, type Repeatable, toOperationArgs } from '../../writes/operation.ts';
import { runReadAndWrite, runWrite } from '../../writes/run-write.ts';
import { areSearchesTooLarge, areTooLarge, assertNewSize, assertSize, isFoldedLater } from '../../writes/size-limit.ts';
import { hasList, isPresent, readRevision } from '../conditions.ts';
import { LabelLimitError } from '../errors.ts';
import { getTasksStatement } from '../get-task.ts';
import {
  type ColumnValues,
  countJsonBytes,
  type FoldedTexts,
  taskJsonBytes,
  taskColumns,
  type TaskChanges,
  type TaskRecord,
  toColumnValues,
  toFoldedTexts,
  toTask,
  type WritableColumn,
  writableColumns,
} from '../record.ts';
import { type LabelArgs, type LabelChanges, maxLabels, mergeLabels, toLabelArgs } from './many-labels.ts';
import {
  isGivenTask,
  type ManyArgs,
  pickTasks,
  readManyRows,
  selectIds,
  selectUnchanged,
  toUniqueIds,
} from './many-rows.ts';

export interface TasksChange extends Repeatable {
  /** UUIDs of 1 to 500 tasks. Repeated IDs count once. */
  ids: readonly string[];
  /** Either `labels`, or `addLabels` and `removeLabels`. To set positions, use `reorderTasks`. */
  set: Omit<TaskChanges, 'position'> & LabelChanges;
  /** Whether to return the former tasks as well. Default: false. */
  returnPrevious?: boolean | undefined;
}

export interface UpdatedTasks {
  /** All tasks, in the order of the IDs. */
  items: TaskRecord[];
  /** The tasks that the call has changed, as they were before. Undefined without `returnPrevious`, and if an earlier call did this write. */
  previous?: TaskRecord[];
}

interface UpdateArgs extends ManyArgs, ColumnValues, FoldedTexts, LabelArgs {
  changedAt: string;
}

/** One position for several tasks would not be an order. */
const columns = writableColumns.map(({ column }) => column).filter((column) => column !== 'position');

interface Target {
  target_id: string;
  merged_labels: string[] | null;
  merged_folds: string | null;
  /** The larger size, before or after the change. */
  bytes: number;
  search_bytes: number;
}

/** The given tasks that are visible, each with its labels after the change. */
function selectTargets(parameters: Parameters<UpdateArgs>, isVisible: RawBuilder<boolean>): RawBuilder<Target> {
  const { value, isGiven } = parameters;
  const newText = (column: 'title' | 'description' | 'labels') =>
    sql`case when ${isGiven(column)} then ${value(column)} else task.${sql.ref(column)} end`;
  const newBytes = countJsonBytes({
    title: newText('title'),
    description: newText('description'),
    labels: sql`coalesce(merged.labels, ${newText('labels')})`,
  });
  return sql`
    select task.id as target_id, merged.labels as merged_labels, merged.folded as merged_folds,
      greatest(task.bytes, ${newBytes}) as bytes, octet_length(task.search) as search_bytes
    from (${selectIds(value('ids'))}) as wanted
    cross join lateral (
      select id, title, description, labels, search, ${taskJsonBytes} as bytes from public.tasks
      where user_id = ${value('userId')}::uuid and tasks.id = wanted.id and ${isVisible} limit 1
    ) as task
    cross join lateral (${mergeLabels(parameters)}) as merged`;
}

interface State {
  prior_hash: string | null;
  has_list: boolean;
  /** The tasks that would have too many labels. */
  over_limit: string[];
  is_too_large: boolean;
  is_search_too_large: boolean;
  is_ready: boolean;
}

/** Changes the given fields of all tasks, or of none. */
export const updateTasksStatement = createStatement<UpdateArgs>(
  'tasks_update',
  (db, parameters) => {
    const { value, isGiven } = parameters;
    const [userId, ids] = [value('userId'), value('ids')];
    // A task in the trash counts only if an earlier call has done this write.
    const isVisible = sql<boolean>`(${isPresent} or exists (select from prior))`;
    const newValue = (column: WritableColumn) =>
      column === 'labels'
        ? sql`case when ${isGiven(column)} then ${value(column)} else coalesce(merged_labels, labels) end`
        : toNewValue(parameters, column);
    const changesSearch = sql<boolean>`(${isGiven('foldedTitle')} or ${isGiven('foldedDescription')} or ${isGiven('foldedLabels')}
    or merged_folds is not null)`;
    const isLater = isFoldedLater(sql`(select is_search_too_large from state)`);
    const foldedLine = (name: keyof FoldedTexts, line: number) =>
      sql`case when ${isGiven(name)} then ${value(name)} else split_part(search, E'\n', ${sql.lit(line)}) end`;
    return (
      db
        .with('prior', (query) => findPrior(query, userId, value('operationId')))
        .with(
          (cte) => cte('target').materialized(),
          () => sql<Target>`(${selectTargets(parameters, isVisible)})`,
        )
        .with(
          (cte) => cte('state').materialized(),
          () => sql<State>`(select *, prior_hash is null and has_list and over_limit = '{}' and not is_too_large
          and (select count(*) from target) = cardinality(${ids}::uuid[]) as is_ready
        from (
          select (select request_hash from prior) as prior_hash, ${hasList(userId, value('list_id'))} as has_list,
            array(select target_id from target where cardinality(merged_labels) > ${sql.lit(maxLabels)}) as over_limit,
            (select ${areTooLarge} from target) as is_too_large,
            (select ${areSearchesTooLarge} from target) as is_search_too_large
          offset 0
        ) as conditions)`,
        )
        .with('changed', (query) =>
          query
            .updateTable('tasks')
            .from('target')
            .set({
              ...(Object.fromEntries(columns.map((column) => [column, newValue(column)])) as Record<
                WritableColumn,
                never
              >),
              completed_at: sql`case when not ${isGiven('completed')} then completed_at
            when ${value('completed')} then coalesce(completed_at, greatest(created_at, ${value('changedAt')})) end`,
              updated_at: sql`greatest(updated_at, ${value('changedAt')})`,
              version: sql`version + 1`,
              search: sql`case when ${changesSearch} and not ${isLater}
            then ${foldedLine('foldedTitle', 1)} || E'\n' || ${foldedLine('foldedDescription', 2)} || E'\n'
              || coalesce(merged_folds, ${foldedLine('foldedLabels', 3)})
            else search end`,
              is_folded: sql`is_folded and not (${changesSearch} and ${isLater})`,
              revision: readRevision(userId) as never,
            })
            .where('user_id', '=', userId)
            .whereRef('id', '=', 'target_id')
            .where(isPresent)
            .where(sql<boolean>`(select is_ready from state)`)
            .where((task) =>
              task.or([
                ...columns.map((column) => isChanged(parameters, column)),
                sql<boolean>`merged_labels <> labels`,
              ]),
            )
            .returning(taskColumns),
        )
        // The other tasks.
        .with('unchanged', () => selectUnchanged({ userId, ids }, isVisible))
        .selectFrom('state')
        .leftJoin(
          sql<
            Record<(typeof taskColumns)[number], string>
          >`(select * from changed union all select * from unchanged)`.as('task'),
          (join) => join.onTrue(),
        )
        .select(taskColumns.map((column) => `task.${column}` as const))
        .select(['prior_hash', 'has_list', 'over_limit', 'is_too_large'])
    );
  },
  { isLong: ({ changesLabels }) => changesLabels },
);

export const logTasksUpdateStatement = createLogStatement<UpdateArgs>('log_tasks_update', {
  tasks: ({ value }) => isGivenTask(value('ids')),
  isAccepted: (parameters) => sql<boolean>`(
    select count(*) = cardinality(${parameters.value('ids')}::uuid[])
      and coalesce(max(cardinality(merged_labels)) <= ${sql.lit(maxLabels)}, true)
      and not ${areTooLarge}
    from (${selectTargets(parameters, isPresent)}) as target
  ) and ${hasList(parameters.value('userId'), parameters.value('list_id'))}`,
});

/**
 * Changes the given fields of several tasks and no others: either of all tasks or of none. A task that already has the
 * values does not change.
 *
 * @throws TaskNotFoundError with the IDs of all missing tasks.
 * @throws ListNotFoundError
 * @throws LabelLimitError
 * @throws TooManyTasksError if the tasks together are too large, before or after the change, or their new descriptions.
 * @throws OperationConflictError
 */
export async function updateTasks(
  scope: UserScope,
  { returnPrevious = false, ...input }: TasksChange,
): Promise<UpdatedTasks> {
  const { addLabels, removeLabels, ...values } = input.set;
  if (values.labels !== undefined && (addLabels !== undefined || removeLabels !== undefined)) {
    throw new InvalidValueError('The labels are given twice. Pass labels, or addLabels and removeLabels.');
  }
  const ids = toUniqueIds(input.ids);
  assertNewSize(values.description, ids.length);
  const request = { ...input, ids };
  const args: UpdateArgs = {
    ...toColumnValues(values),
    ...toFoldedTexts(values),
    ...toLabelArgs({ addLabels, removeLabels }),
    ...toOperationArgs('task.updateMany', request),
    userId: scope.userId,
    ids,
    changedAt: new Date().toISOString(),
  };
  const write = { statement: updateTasksStatement, args };
  const log = { statement: logTasksUpdateStatement, args };
  const read = { statement: getTasksStatement, args: { userId: scope.userId, ids: `{${ids.join()}}` } };
  const { before, rows } = returnPrevious
    ? await runReadAndWrite(scope, { read, write, log })
    : { before: null, rows: await runWrite(scope, write, log) };
  const { tasks, flags } = await readManyRows(rows);
  const [priorHash, hasTargetList, overLimit, tooLarge] = flags as [string | null, string, string, string];
  assertSameRequest(priorHash, args);
  assertSize(tooLarge);
  if (priorHash === null && hasTargetList === 'f') throw new ListNotFoundError('listId');
  const items = pickTasks(tasks, ids);
  if (priorHash === null && overLimit !== '{}') throw new LabelLimitError(readTexts(overLimit));
  if (before === null || priorHash !== null) return { items };
  // A change by SQL can come between the two statements.
  const previous = (await mapInSlices(before, toTask)).filter(
    ({ id, version }) => tasks.get(id)!.version === version + 1,
  );
  return { items, previous };
}
