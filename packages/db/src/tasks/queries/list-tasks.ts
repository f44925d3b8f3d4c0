import { mapInSlices } from '@holdfast/operation';
import type { Statement } from '../../scope/prepared-statement.ts';
import { internalsOf, type UserScope } from '../../scope/user-scope.ts';
import { type TaskRecord, toTask } from '../record.ts';
import { type FilterArgs, type TaskFilter, toFilterArgs } from './list-filter.ts';
import { type CursorContext, orders, type TaskOrder, toCursor, toSortKeys } from './list-orders.ts';
import { segmentedOrders } from './list-segments.ts';
import { createListStatement, type ListArgs, type ListForm } from './list-statements.ts';
import { type PageLimits, takePage, toPageSize } from './page-size.ts';

export interface TaskQuery extends TaskFilter, PageLimits {
  /** The `nextCursor` of the previous page. */
  cursor?: string | undefined;
  order: TaskOrder;
}

export interface TaskPage {
  items: TaskRecord[];
  /** Null exactly if there are no more tasks. */
  nextCursor: string | null;
}

const forms: readonly ListForm[] = [
  ...(['newest', 'oldest'] as const).flatMap((order) => (['plain', 'completed'] as const).map((by) => ({ order, by }))),
  ...(Object.keys(segmentedOrders) as (keyof typeof segmentedOrders)[]).map((order) => ({
    order,
    by: 'segments' as const,
  })),
  ...(Object.keys(orders) as TaskOrder[]).map((order) => ({ order, by: 'sorted' as const })),
];

/** The statements of each form, without and with a limit in bytes. */
export const listStatements = new Map(
  forms.map((form) => [
    `${form.order} ${form.by}`,
    [createListStatement(form, false), createListStatement(form, true)] as const,
  ]),
);

function findStatement({ order, by }: ListForm, isBounded: boolean): Statement<ListArgs> {
  return listStatements.get(`${order} ${by}`)![Number(isBounded)]!;
}

/**
 * The sources that do not need a sort. The inbox is one of them, because it often contains most tasks. If it contains few,
 * the list reads all tasks of the user.
 */
const indexedSources: Readonly<Record<keyof typeof segmentedOrders, readonly FilterArgs['source'][]>> = {
  newest: ['all', 'completed', 'inbox'],
  oldest: ['all', 'completed', 'inbox'],
  position: ['all', 'completed', 'inbox', 'list'],
  due: ['all', 'completed', 'inbox', 'due'],
  completed: ['all', 'completed', 'inbox', 'completedAfter'],
};

function chooseForm(order: TaskOrder, args: FilterArgs, isAlone: boolean): ListForm {
  if (!(order in segmentedOrders)) return { order, by: 'sorted' };
  const segmented = order as keyof typeof segmentedOrders;
  const { source, completed, word1 } = args;
  const isByCreation = segmented === 'newest' || segmented === 'oldest';
  // Most searches find few tasks. To read all tasks in the order of another index takes longer than to sort them.
  const isSearch = word1 !== undefined && !isByCreation;
  if (isSearch || !indexedSources[segmented].includes(source)) return { order, by: 'sorted' };
  if (!isAlone || !isByCreation) return { order: segmented, by: 'segments' };
  return { order: segmented, by: completed === undefined ? 'plain' : 'completed' };
}

function toStart(form: ListForm, args: FilterArgs, keys: string[] | undefined): Partial<ListArgs> {
  if (form.by !== 'sorted') return segmentedOrders[form.order].toArgs(args, keys);
  return Object.fromEntries((keys ?? []).map((key, at) => [`key${at}`, key]));
}

/**
 * Returns one page of the user's tasks. Pages neither skip nor repeat a task that has not changed, even if other tasks
 * change between them.
 *
 * @throws InvalidCursorError for a cursor of another user, filter or order.
 */
export async function listTasks(scope: UserScope, query: TaskQuery): Promise<TaskPage> {
  const { order } = query;
  const { userId } = scope;
  const { cursorKey, run } = internalsOf(scope);
  const filter = toFilterArgs(query);
  const conditions = JSON.stringify({ ...filter, completed: undefined, source: undefined });
  const isAlone = conditions === '{}';
  // Without new filters, the text is that of earlier versions.
  const list = `${userId} ${filter.completed as boolean | undefined} ${order}${isAlone ? '' : ` ${conditions}`}`;
  const context: CursorContext = { cursorKey, list, order };
  const keys = query.cursor === undefined ? undefined : toSortKeys(context, query.cursor);
  const size = toPageSize(query);
  const form = chooseForm(order, filter, isAlone);
  const rows = await run(findStatement(form, size.isBounded), {
    ...filter,
    ...toStart(form, filter, keys),
    userId,
    rows: size.rows,
    maxBytes: query.maxBytes,
  });
  const shown = takePage(rows, query, size);
  const last = shown.at(-1);
  const hasMore = rows.length > shown.length && last !== undefined;
  return { items: await mapInSlices(shown, toTask), nextCursor: hasMore ? toCursor(context, last) : null };
}
