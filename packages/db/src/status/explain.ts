import type { EntityManager } from '@mikro-orm/postgresql';
import { CompiledQuery } from 'kysely';
import { toNamedError } from '../connection/driver-error.ts';
import { InvalidValueError } from '../errors.ts';
import { forkWithSettings, openOrm } from '../schema/orm.ts';
import { appRole } from '../schema/roles.ts';
import type { Statement } from '../scope/prepared-statement.ts';
import { taskStatements } from '../tasks/statements.ts';
import { getUserStatement } from '../tasks/users.ts';

type Named = Pick<Statement<never>, 'name' | 'text'>;

/** Every statement that this product sends by name. */
export function listStatements(): Named[] {
  return [getUserStatement, ...taskStatements].toSorted((one, other) => (one.name < other.name ? -1 : 1));
}

/**
 * The plan of one of the product's own statements, as the role that it runs as would get it, for whatever values: it is
 * planned and not run, and nothing stays.
 *
 * @throws InvalidValueError for a name that no statement has.
 * @throws DatabaseUnavailableError when the database cannot be asked.
 */
export async function explain(url: string, name: string): Promise<string[]> {
  const statement = listStatements().find((known) => known.name === name);
  if (statement === undefined) {
    throw new InvalidValueError(`There is no statement ${name}: pnpm db explain lists them all.`);
  }
  const orm = openOrm(url, { poolMax: 1 });
  const em = forkWithSettings(orm);
  try {
    await em.begin();
    const rows = await askForPlan(em, statement.text);
    return rows.map((row) => row['QUERY PLAN']);
  } catch (error) {
    throw toNamedError(error);
  } finally {
    await em.rollback().catch(() => {});
    await orm.close();
  }
}

type PlanRow = Record<'QUERY PLAN', string>;

const nobody = '00000000-0000-0000-0000-000000000000';

async function askForPlan(em: EntityManager, text: string): Promise<PlanRow[]> {
  const [row] = await em.execute<[{ version: number }]>(
    `select current_setting('server_version_num')::int as version,
      set_config('role', '${appRole}', true), set_config('app.user_id', '${nobody}', true)`,
  );
  // Dollar signs stand for parameters that have no value: the mapper has to leave the text alone.
  const ask = async (sql: string) => (await em.getKysely().executeQuery<PlanRow>(CompiledQuery.raw(sql))).rows;
  if (row.version >= 160_000) return ask(`explain (generic_plan) ${text}`);
  await em.execute(`select set_config('plan_cache_mode', 'force_generic_plan', true)`);
  await ask(`prepare holdfast_explain as ${text}`);
  const parameters = Math.max(0, ...[...text.matchAll(/\$(\d+)/g)].map(([, number]) => Number(number)));
  const nulls = Array.from({ length: parameters }, () => 'null').join(', ');
  const plan = await ask(`explain execute holdfast_explain${parameters > 0 ? ` (${nulls})` : ''}`);
  // What is prepared outlives the transaction, as far as the connection does.
  await em.execute('deallocate holdfast_explain');
  return plan;
}
