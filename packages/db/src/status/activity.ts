import type { EntityManager } from '@mikro-orm/postgresql';

export interface ConnectionsStatus {
  /** How many the server takes, and how many of these only superusers and the like may have. */
  max: number;
  reserved: number;
  /** By state, those to other databases of the server included, this one not. */
  byState: { state: string; count: number }[];
}

/** The clients of the server. Those whose state this user may not see count as `hidden`. */
export async function readConnections(em: EntityManager): Promise<ConnectionsStatus> {
  const [limit] = await em.execute<[{ max: number; reserved: number }]>(`
select
  current_setting('max_connections')::int as max,
  current_setting('superuser_reserved_connections')::int
    + coalesce(current_setting('reserved_connections', true)::int, 0) as reserved`);
  const byState = await em.execute<ConnectionsStatus['byState']>(`
select case when backend_type is null then 'hidden' else coalesce(state, 'starting') end as state, count(*)::int as count
from pg_stat_activity
where pid <> pg_backend_pid() and (backend_type = 'client backend' or (backend_type is null and usename is not null))
group by 1 order by 2 desc, 1`);
  return { ...limit, byState };
}

/** One transaction, without its statement: that may hold users' texts. */
export interface TransactionStatus {
  pid: number;
  application: string;
  state: string;
  seconds: number;
}

export interface TransactionsStatus {
  /** Of all that have begun and not ended. */
  longest: TransactionStatus | null;
  /** Of those whose client is doing something else meanwhile; the seconds are of its idleness. */
  longestIdle: TransactionStatus | null;
  /** How many sessions in this database may have one that this user may not see. */
  hidden: number;
}

/** The transactions in this database that have been open for the longest time. */
export async function readTransactions(em: EntityManager): Promise<TransactionsStatus> {
  const [longest] = await em.execute<TransactionStatus[]>(toTransactionsSql('xact_start', 'true'));
  const [longestIdle] = await em.execute<TransactionStatus[]>(
    toTransactionsSql('state_change', `state like 'idle in transaction%'`),
  );
  const [unseen] = await em.execute<[{ hidden: number }]>(`
select count(*)::int as hidden from pg_stat_activity
where datname = current_database() and backend_type is null and usename is not null`);
  return { longest: longest ?? null, longestIdle: longestIdle ?? null, hidden: unseen.hidden };
}

function toTransactionsSql(since: string, condition: string): string {
  return `
select pid, application_name as application, state, extract(epoch from clock_timestamp() - ${since})::float8 as seconds
from pg_stat_activity
where datname = current_database() and pid <> pg_backend_pid() and backend_type = 'client backend'
  and xact_start is not null and ${condition}
order by ${since}
limit 1`;
}
