import type { Client } from 'pg';
import type { UserScope } from '../../src/index.ts';
import { wrapScope } from '../../src/scope/user-scope.ts';

interface Node {
  'Node Type': string;
  'Relation Name'?: string;
  'Index Name'?: string;
  'Actual Rows': number;
  'Actual Loops': number;
  'Rows Removed by Filter'?: number;
  Plans?: Node[];
}

/** What a statement has read from the table of tasks. */
export interface TaskReads {
  /** Types of the plan's nodes that have run. */
  nodes: string[];
  /** Indexes in which rows were found. */
  indexes: string[];
  rows: number;
}

/** Runs a call and returns what its statement reads with its generic plan, as the role that runs it. */
export async function findTaskReads(
  sql: Client,
  scope: UserScope,
  call: (scope: UserScope) => Promise<unknown>,
): Promise<TaskReads> {
  let [text, values]: [string, (string | null)[]] = ['', []];
  const watched = wrapScope(scope, (run) => (statement, args) => {
    [text, values] = [statement.text, statement.toValues(args)];
    return run(statement, args);
  });
  await call(watched);
  await sql.query(`begin; set local role holdfast_app; set local plan_cache_mode = force_generic_plan;
    set local max_parallel_workers_per_gather = 0; set local enable_seqscan = off; set local "app.user_id" = '${scope.userId}'; prepare explained as ${text}`);
  const literals = values.map((value) => (value === null ? 'null' : sql.escapeLiteral(value)));
  const { rows } = await sql.query<{ 'QUERY PLAN': [{ Plan: Node }] }>(
    `explain (analyze, timing off, format json) execute explained (${literals.join(', ')})`,
  );
  await sql.query('rollback; deallocate explained');
  const nodes = flatten(rows[0]!['QUERY PLAN'][0].Plan).filter((node) => node['Actual Loops'] > 0);
  const reads = nodes.filter((node) => node['Relation Name'] === 'tasks');
  return {
    nodes: nodes.map((node) => node['Node Type']),
    indexes: [...new Set(nodes.flatMap((node) => (node['Actual Rows'] > 0 ? (node['Index Name'] ?? []) : [])))],
    rows: reads.reduce((sum, node) => sum + node['Actual Rows'] + (node['Rows Removed by Filter'] ?? 0), 0),
  };
}

function flatten(node: Node): Node[] {
  return [node, ...(node.Plans ?? []).flatMap(flatten)];
}
