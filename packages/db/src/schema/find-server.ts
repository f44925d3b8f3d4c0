import type { MikroORM } from '@mikro-orm/postgresql';
import { UnsupportedDatabaseError } from '../errors.ts';
import { assertShardSecurity, hasCitusSql, isDistributed } from './cluster.ts';
import { findIncompleteDistribution } from './distribution.ts';
import { forkWithSettings } from './orm.ts';
import type { Query } from './query.ts';

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
  const query: Query = (sql) => orm.em.fork().execute(sql);
  const [row] = await query<{ version: number; form: string | null; hasCitus: boolean }>(`
select
  current_setting('server_version_num')::int as version,
  current_setting('holdfast.session_settings', true) as form,
  ${hasCitusSql} as "hasCitus"`);
  const { version, form, hasCitus } = row!;
  // Most servers have no Citus, and need no second query.
  if (!hasCitus || !(await isDistributed(query))) return { version, sendsStatements: form === 'statements' };
  const problem = await findIncompleteDistribution(query);
  if (problem !== undefined) throw new UnsupportedDatabaseError([problem]);
  await forkWithSettings(orm).transactional((em) => assertShardSecurity((sql) => em.execute(sql)));
  return { version, sendsStatements: true };
}
