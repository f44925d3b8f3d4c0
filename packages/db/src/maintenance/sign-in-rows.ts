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

/** Remove rows of the schema `auth` that have lost their purpose. */
export const signInJobs = [
  createJob('sessions', 'auth.session', `"expiresAt" < now() - interval '1 day'`),
  createJob('tokens', 'auth.api_tokens', `expires_at < now() - interval '30 days'`),
  createJob('verifications', 'auth.verification', `"expiresAt" < now() - interval '1 day'`),
  createJob('rate limits', 'auth.rate_limits', `expire < (extract(epoch from now()) - 3600) * 1000`),
  // A token is valid for 15 minutes.
  createJob('ended sessions', 'auth.ended_sessions', `ended_at < now() - interval '1 hour'`),
  // As long as the account exists, its user can sign in.
  createJob(
    'erased users',
    'auth.erased_users',
    `erased_at < now() - interval '90 days' and not exists (select from auth."user" where id = rows.id)`,
  ),
] as const;
