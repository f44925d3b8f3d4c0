import type { MikroORM } from '@mikro-orm/postgresql';
import { UnsupportedDatabaseError } from '../errors.ts';
import { assertShardSecurity, isDistributed } from './cluster.ts';
import { findIncompleteDistribution } from './distribution.ts';
import { forkWithSettings } from './orm.ts';

/** What a server needs to know about its database before its first transaction. */
export interface ServerFacts {
  /** `server_version_num`. */
  readonly version: number;
  /** Whether transactions need their settings as statements: on a Citus cluster, and if `holdfast.session_settings` requires it. */
  readonly sendsStatements: boolean;
}

/**
 * @throws UnsupportedDatabaseError if the tables are distributed only in part.
 * @throws RowSecurityError if row-level security is incomplete on a node of a Citus cluster.
 */
export async function findServer(orm: MikroORM): Promise<ServerFacts> {
  const query = <Row extends object>(sql: string) => orm.em.fork().execute<Row[]>(sql);
  const [row] = await query<{ version: number; form: string | null }>(`
select current_setting('server_version_num')::int as version, current_setting('holdfast.session_settings', true) as form`);
  const { version, form } = row!;
  if (!(await isDistributed(query))) return { version, sendsStatements: form === 'statements' };
  const problem = await findIncompleteDistribution(query);
  if (problem !== undefined) throw new UnsupportedDatabaseError([problem]);
  await forkWithSettings(orm).transactional((em) => assertShardSecurity((sql) => em.execute(sql)));
  return { version, sendsStatements: true };
}
