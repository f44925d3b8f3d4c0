import { sql } from 'kysely';
import { toNamedError } from '../connection/driver-error.ts';
import type { AccountAccess } from './access.ts';
import type { UserSummary } from './read-users.ts';

/** The account of a user in the built-in sign-in. */
export interface AccountDetails {
  name: string;
  emailVerified: boolean;
  /** `password`, or the names of other providers. */
  signIn: string[];
  /** Sessions that have not expired, and the last hour in which one was used. */
  sessions: { count: number; lastUsedAt: Date | null };
  /** API tokens that have not expired. */
  tokens: { read: number; write: number; lastUsedAt: Date | null };
}

/** Numbers about a user, without a text of a task or list. */
export interface UserDetails extends UserSummary {
  /** Null if another issuer has the account. */
  account: AccountDetails | null;
  tasks: { open: number; completed: number; inTrash: number };
  lists: { inUse: number; archived: number; inTrash: number };
  /** The time of the last change of a task or list. */
  lastChangeAt: Date | null;
}

interface Counts {
  tasks: UserDetails['tasks'];
  lists: UserDetails['lists'];
  lastChangeAt: string | null;
}

/** Reads the account of a user, and counts what belongs to them. */
export async function describeUser({ db, store }: AccountAccess, user: UserSummary): Promise<UserDetails> {
  const { id } = user;
  // As the user, so that both protections between users apply.
  const { tasks, lists, lastChangeAt } = await db.asUser(id, { readOnly: true }).transaction(async ({ em }) => {
    const { rows } = await sql<Counts>`
select
  (select jsonb_build_object(
    'open', count(*) filter (where deleted_at is null and completed_at is null),
    'completed', count(*) filter (where deleted_at is null and completed_at is not null),
    'inTrash', count(*) filter (where deleted_at is not null)
  ) from public.tasks where user_id = ${id}) as tasks,
  (select jsonb_build_object(
    'inUse', count(*) filter (where deleted_at is null and archived_at is null),
    'archived', count(*) filter (where deleted_at is null and archived_at is not null),
    'inTrash', count(*) filter (where deleted_at is not null)
  ) from public.lists where user_id = ${id}) as lists,
  (select at from public.changes where user_id = ${id} order by revision desc limit 1) as "lastChangeAt"`.execute(
      em.getKysely(),
    );
    return rows[0]!;
  });
  const { rows } = await sql<AccountDetails>`
select
  name,
  "emailVerified",
  array(
    select case "providerId" when 'credential' then 'password' else "providerId" end from auth.account
    where "userId" = ${id} order by 1
  ) as "signIn",
  (select jsonb_build_object('count', count(*), 'lastUsedAt', max("updatedAt")) from auth.session
    where "userId" = ${id} and "expiresAt" > now()) as sessions,
  (select jsonb_build_object(
    'read', count(*) filter (where scope = 'read'),
    'write', count(*) filter (where scope = 'write'),
    'lastUsedAt', max(last_used_at)
  ) from auth.api_tokens where user_id = ${id} and (expires_at is null or expires_at > now())) as tokens
from auth."user" where id = ${id}`
    .execute(store.kysely)
    .catch((error: unknown) => {
      throw toNamedError(error);
    });
  return { ...user, account: toAccount(rows[0]), tasks, lists, lastChangeAt: toDate(lastChangeAt) };
}

/** Times in JSON are texts. */
function toAccount(found: AccountDetails | undefined): AccountDetails | null {
  if (found === undefined) return null;
  const { sessions, tokens } = found;
  return {
    ...found,
    sessions: { ...sessions, lastUsedAt: toDate(sessions.lastUsedAt) },
    tokens: { ...tokens, lastUsedAt: toDate(tokens.lastUsedAt) },
  };
}

const toDate = (time: string | Date | null) => (time === null ? null : new Date(time));
