/** The shape of a table after one of its migrations. */
export interface KnownTable {
  readonly name: string;
  /** The migration that created the table or gave it this shape. */
  readonly since: string;
  readonly key: string;
  readonly columns: string;
}

/**
 * Every table that a backup contains. A table comes after the tables that it references. If a later migration changes a
 * table, add another item with the new shape. A generated column is not listed: a restore computes it again.
 */
export const knownTables: readonly KnownTable[] = [
  {
    name: 'public.users',
    since: '0001-users-and-tasks',
    key: 'id',
    columns: 'id uuid, email text, name text, created_at timestamp(3) with time zone',
  },
  {
    name: 'public.users',
    since: '0007-planning',
    key: 'id',
    columns: 'id uuid, email text, name text, created_at timestamp(3) with time zone, revision bigint, time_zone text',
  },
  {
    name: 'public.lists',
    since: '0007-planning',
    key: 'user_id, id',
    columns:
      'user_id uuid, id uuid, name text, color text, position text, archived_at timestamp(3) with time zone, ' +
      'deleted_at timestamp(3) with time zone, created_at timestamp(3) with time zone, ' +
      'updated_at timestamp(3) with time zone, version integer, revision bigint',
  },
  {
    name: 'public.tasks',
    since: '0001-users-and-tasks',
    key: 'user_id, id',
    columns:
      'user_id uuid, id uuid, title text, description text, completed boolean, ' +
      'completed_at timestamp(3) with time zone, created_at timestamp(3) with time zone, ' +
      'updated_at timestamp(3) with time zone, version integer',
  },
  {
    name: 'public.tasks',
    since: '0007-planning',
    key: 'user_id, id',
    columns:
      'user_id uuid, id uuid, title text, description text, completed boolean, ' +
      'completed_at timestamp(3) with time zone, created_at timestamp(3) with time zone, ' +
      'updated_at timestamp(3) with time zone, version integer, position text, list_id uuid, due_date date, ' +
      'due_time time(0) without time zone, due_time_zone text, priority smallint, labels text[], ' +
      'deleted_at timestamp(3) with time zone, search text, is_folded boolean, revision bigint',
  },
  {
    name: 'public.changes',
    since: '0007-planning',
    key: 'user_id, revision',
    columns:
      'user_id uuid, revision bigint, operation_id uuid, request_hash bigint, at timestamp(3) with time zone, ' +
      'task_ids uuid[], list_ids uuid[]',
  },
  {
    name: 'public.calendar_feeds',
    since: '0010-calendar-feeds',
    key: 'user_id',
    columns: 'user_id uuid, hash text, created_at timestamp(3) with time zone',
  },
  {
    name: 'auth.user',
    since: '0002-auth',
    key: 'id',
    columns:
      'id uuid, name text, email text, emailVerified boolean, image text, createdAt timestamp with time zone, ' +
      'updatedAt timestamp with time zone',
  },
  {
    name: 'auth.user',
    since: '0011-two-factor',
    key: 'id',
    columns:
      'id uuid, name text, email text, emailVerified boolean, image text, createdAt timestamp with time zone, ' +
      'updatedAt timestamp with time zone, twoFactorEnabled boolean',
  },
  {
    name: 'auth.session',
    since: '0002-auth',
    key: 'id',
    columns:
      'id uuid, expiresAt timestamp with time zone, token text, createdAt timestamp with time zone, ' +
      'updatedAt timestamp with time zone, ipAddress text, userAgent text, userId uuid',
  },
  {
    name: 'auth.account',
    since: '0002-auth',
    key: 'id',
    columns:
      'id uuid, accountId text, providerId text, userId uuid, accessToken text, refreshToken text, ' +
      'idToken text, accessTokenExpiresAt timestamp with time zone, ' +
      'refreshTokenExpiresAt timestamp with time zone, scope text, password text, ' +
      'createdAt timestamp with time zone, updatedAt timestamp with time zone',
  },
  {
    name: 'auth.verification',
    since: '0002-auth',
    key: 'id',
    columns:
      'id uuid, identifier text, value text, expiresAt timestamp with time zone, ' +
      'createdAt timestamp with time zone, updatedAt timestamp with time zone',
  },
  {
    name: 'auth.jwks',
    since: '0002-auth',
    key: 'id',
    columns:
      'id uuid, publicKey text, privateKey text, createdAt timestamp with time zone, ' +
      'expiresAt timestamp with time zone, alg text, crv text',
  },
  {
    name: 'auth.api_tokens',
    since: '0009-api-tokens',
    key: 'id',
    columns:
      'id uuid, user_id uuid, name text, scope text, hash text, created_at timestamp(3) with time zone, ' +
      'last_used_at timestamp(3) with time zone, expires_at timestamp(3) with time zone',
  },
  {
    name: 'auth.two_factors',
    since: '0011-two-factor',
    key: 'user_id',
    columns:
      'user_id uuid, id uuid, secret text, backup_codes text, is_verified boolean, failed_count integer, ' +
      'locked_until timestamp(3) with time zone',
  },
  // After the users: an erased user cannot be inserted.
  {
    name: 'auth.erased_users',
    since: '0006-ended-access',
    key: 'id',
    columns: 'id uuid, erased_at timestamp(3) with time zone',
  },
  {
    name: 'auth.issuer',
    since: '0006-ended-access',
    key: 'is_only',
    columns: 'is_only boolean, issuer text, subjects text',
  },
];

/** Tables that backups omit, because their rows lose their value within minutes. The migrations create these tables again. */
export const excludedTables = ['auth.rate_limits', 'auth.ended_sessions', 'public.unlogged_changes'];

/** Tables with triggers that log the changes of other writers. A restore disables them, because it restores the log too. */
export const loggedTables = ['public.tasks', 'public.lists'];
