import type { MaintenanceJob } from './job.ts';

/** Removes the rows that fulfil a condition. Leaves rows that a request has locked. */
function createJob<Kind extends string>(kind: Kind, table: string, condition: string): MaintenanceJob<Kind> {
  const text = `
delete from ${table} where ctid = any (array(
  select ctid from ${table} as rows where ${condition} limit $1 for update skip locked
))`;
  return {
    kind,
    isAcrossUsers: false,
    async runBatch(client, { rowsMax, after }) {
      const { rowCount } = await client.query(text, [rowsMax]);
      return { rows: rowCount!, next: rowCount === rowsMax ? after : undefined };
    },
  };
}

/** As long as the account exists, its user can sign in. */
const findErased = `
select id from auth.erased_users as rows
where erased_at < now() - interval '90 days' and not exists (select from auth."user" where id = rows.id) limit $1`;

/** In two statements: each node of a Citus cluster has these rows, but only one has the accounts. */
const erasedUsersJob: MaintenanceJob<'erased users'> = {
  kind: 'erased users',
  isAcrossUsers: false,
  async runBatch(client, { rowsMax, after }) {
    const { rows: erased } = await client.query<{ id: string }>(findErased, [rowsMax]);
    if (erased.length === 0) return { rows: 0 };
    const ids = erased.map(({ id }) => id);
    const { rowCount } = await client.query('delete from auth.erased_users where id = any ($1::uuid[])', [ids]);
    return { rows: rowCount!, next: rowCount === rowsMax ? after : undefined };
  },
};

/** Remove rows of the schema `auth` that have lost their purpose. */
export const signInJobs = [
  createJob('sessions', 'auth.session', `"expiresAt" < now() - interval '1 day'`),
  createJob('tokens', 'auth.api_tokens', `expires_at < now() - interval '30 days'`),
  createJob('verifications', 'auth.verification', `"expiresAt" < now() - interval '1 day'`),
  createJob('rate limits', 'auth.rate_limits', `expire < (extract(epoch from now()) - 3600) * 1000`),
  // A token is valid for 15 minutes.
  createJob('ended sessions', 'auth.ended_sessions', `ended_at < now() - interval '1 hour'`),
  erasedUsersJob,
] as const;
