import { setImmediate as nextTurn } from 'node:timers/promises';
import { toSearch } from '../tasks/record.ts';
import type { MaintenanceJob, Place } from './job.ts';

/** A batch ends after the task that reaches this number of bytes of text, so that no commit of a request waits long for its log. */
const bytesMax = 250_000;
/** Characters that are folded before other work of the process has its turn. */
const charactersPerTurn = 50_000;

interface UnfoldedTask {
  user_id: string;
  id: string;
  title: string;
  description: string | null;
  labels: string[];
  /** The labels as PostgreSQL writes them. */
  labels_text: string;
}

const toSelectSql = (after: Place | null) => `
with page as (
  select user_id, id, title, description, labels from public.tasks
  where not is_folded ${after === null ? '' : 'and (user_id, id) > ($2::uuid, $3::uuid)'}
  order by user_id, id limit $1
),
measured as (
  select *, octet_length(title) + coalesce(octet_length(description), 0) as bytes from page
),
summed as (
  select *, sum(bytes) over (order by user_id, id rows unbounded preceding) - bytes as bytes_before from measured
)
select user_id, id, title, description, labels, labels::text as labels_text
from summed where bytes_before < ${bytesMax} order by user_id, id`;

/** Leaves tasks whose texts have changed meanwhile, and tasks that a request has locked. Never waits for a request. */
const toFoldSql = (condition: string) => `
with free as (
  select tasks.user_id, tasks.id, given.search
  from unnest($1::uuid[], $2::uuid[], $3::text[], $4::text[], $5::text[], $6::text[])
    as given (user_id, id, title, description, labels, search)
  join public.tasks on tasks.user_id = given.user_id and tasks.id = given.id
  where not tasks.is_folded and tasks.title = given.title
    and tasks.description is not distinct from given.description and tasks.labels::text = given.labels ${condition}
  for update of tasks skip locked
)
update public.tasks set search = free.search, is_folded = true
from free where tasks.user_id = free.user_id and tasks.id = free.id ${condition}`;

const foldAllSql = toFoldSql('');
/** For the tasks of one user. Citus locks rows only on one node at a time. */
const foldOneSql = toFoldSql('and tasks.user_id = $7::uuid');

/**
 * Makes the search text of tasks that other code has written, such as migrations, the previous version and internal tools, and of
 * long tasks that one call has changed together.
 * The version, the times and the revision of the tasks remain.
 */
export const foldTasksJob: MaintenanceJob<'search texts'> = {
  kind: 'search texts',
  isAcrossUsers: true,
  async runBatch(client, { rowsMax, after, isDistributed }) {
    const values = after === null ? [rowsMax] : [rowsMax, after.userId, after.taskId];
    const { rows: tasks } = await client.query<UnfoldedTask>(toSelectSql(after), values);
    const last = tasks.at(-1);
    if (last === undefined) return { rows: 0 };
    const searches = await foldInTurns(tasks);
    const folded = tasks.map((task, at) => ({ task, search: searches[at]! }));
    let rows = 0;
    if (isDistributed) {
      for (const [userId, own] of Map.groupBy(folded, ({ task }) => task.user_id)) {
        rows += (await client.query(foldOneSql, [...toColumns(own), userId])).rowCount!;
      }
    } else rows = (await client.query(foldAllSql, toColumns(folded))).rowCount!;
    return { rows, next: { userId: last.user_id, taskId: last.id } };
  },
};

function toColumns(folded: readonly { task: UnfoldedTask; search: string }[]): (string | null)[][] {
  return [
    folded.map(({ task }) => task.user_id),
    folded.map(({ task }) => task.id),
    folded.map(({ task }) => task.title),
    folded.map(({ task }) => task.description),
    folded.map(({ task }) => task.labels_text),
    folded.map(({ search }) => search),
  ];
}

async function foldInTurns(tasks: readonly UnfoldedTask[]): Promise<string[]> {
  const searches: string[] = [];
  let characters = 0;
  for (const task of tasks) {
    const search = toSearch(task);
    searches.push(search);
    characters += search.length;
    if (characters < charactersPerTurn) continue;
    characters = 0;
    await nextTurn();
  }
  return searches;
}
