import type { EntityManager } from '@mikro-orm/postgresql';
import { CompiledQuery } from 'kysely';
import { calendarStatements } from '../calendar/statements.ts';
import { changesStatements } from '../changes/statements.ts';
import { toNamedError } from '../connection/driver-error.ts';
import { InvalidValueError } from '../errors.ts';
import { dbCommand } from '../installed.ts';
import { labelStatements } from '../labels/statements.ts';
import { statementsOfLists } from '../lists/statements.ts';
import { isDistributed } from '../schema/cluster.ts';
import { forkWithSettings, openOrm } from '../schema/orm.ts';
import { appRole } from '../schema/roles.ts';
import type { Statement } from '../scope/prepared-statement.ts';
import { toUserSettings } from '../scope/session-settings.ts';
import { toSettingsSql } from '../scope/transaction-frame.ts';
import { taskStatements } from '../tasks/statements.ts';
import { trashStatements } from '../trash/statements.ts';
import { userDataStatements } from '../user-data/statements.ts';
import { userStatements } from '../users/statements.ts';

type NamedStatement = Pick<Statement<never>, 'name' | 'text'>;

/** Every statement that Holdfast sends by name, sorted by name. */
export function listStatements(): NamedStatement[] {
  return [
    ...userStatements,
    ...statementsOfLists,
    ...labelStatements,
    ...taskStatements,
    ...trashStatements,
    ...changesStatements,
    ...userDataStatements,
    ...calendarStatements,
  ].toSorted((one, other) => (one.name < other.name ? -1 : 1));
}

/**
 * Returns the generic plan of one of Holdfast's statements, one line per item, planned as the role that runs it. The
 * statement is not executed, and nothing is left in the database.
 *
 * @throws InvalidValueError if no statement has this name.
 * @throws DatabaseUnavailableError if the database cannot be reached.
 */
export async function explain(url: string, name: string): Promise<string[]> {
  const statement = listStatements().find((known) => known.name === name);
  if (statement === undefined) {
    throw new InvalidValueError(`There is no statement ${name}. Run ${dbCommand} explain to list all statements.`);
  }
  const orm = openOrm(url, { poolMax: 1 });
  const em = forkWithSettings(orm);
  try {
    await em.begin();
    const rows = await planStatement(em, statement.text);
    return rows.map((row) => row['QUERY PLAN']);
  } catch (error) {
    throw toNamedError(error);
  } finally {
    await em.rollback().catch(() => {});
    await orm.close();
  }
}

type PlanRow = Record<'QUERY PLAN', string>;

const anyUserId = '00000000-0000-0000-0000-000000000000';
const anyUserSettings = toUserSettings({ userId: anyUserId, statementTimeoutMs: 0, readOnly: false });

async function planStatement(em: EntityManager, text: string): Promise<PlanRow[]> {
  const [row] = await em.execute<[{ version: number }]>(
    `select current_setting('server_version_num')::int as version,
      set_config('role', '${appRole}', true), set_config('app.user_id', '${anyUserId}', true),
      set_config('max_parallel_workers_per_gather', '0', true), set_config('enable_seqscan', 'off', true)`,
  );
  // The text contains `$1` without a value, which `em.execute` would try to replace.
  const run = async (sql: string) => (await em.getKysely().executeQuery<PlanRow>(CompiledQuery.raw(sql))).rows;
  const isOnCluster = await isDistributed((sql) => em.execute(sql));
  if (isOnCluster) await em.execute(toSettingsSql(anyUserSettings));
  else if (row.version >= 160_000) return run(`explain (generic_plan) ${text}`);
  else await em.execute(`select set_config('plan_cache_mode', 'force_generic_plan', true)`);
  await run(`prepare holdfast_explain as ${text}`);
  const [prepared] = await em.execute<[{ types: string[] }]>(
    `select parameter_types::text[] as types from pg_catalog.pg_prepared_statements where name = 'holdfast_explain'`,
  );
  // Citus has no generic plans: it needs a user to find the node.
  const values = prepared.types.map((type) => (isOnCluster && type === 'uuid' ? `'${anyUserId}'` : 'null'));
  const plan = await run(`explain execute holdfast_explain${values.length > 0 ? ` (${values.join(', ')})` : ''}`);
  // A prepared statement lives as long as the connection, not only until the end of the transaction.
  await em.execute('deallocate holdfast_explain');
  return plan;
}
