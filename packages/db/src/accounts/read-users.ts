import { type RawBuilder, sql } from 'kysely';
import { toNamedError } from '../connection/driver-error.ts';
import type { AccountAccess } from './access.ts';

export interface UserSummary {
  id: string;
  /** Null if another issuer has the account, and its tokens contain no address. */
  email: string | null;
  createdAt: Date;
}

export interface UsersQuery {
  /** A condition on the columns `id` and `email`. */
  matches: RawBuilder<boolean>;
  limit: number;
}

export interface UsersPage {
  /** In the order of their IDs. */
  users: UserSummary[];
  /** The ID after which the next page starts. Null exactly if there are no more users. */
  next: string | null;
}

type Account = UserSummary & { isMatch: boolean };

/**
 * Reads users who have an account in the built-in sign-in, tasks or lists, or both. The role that sees all users' rows cannot read
 * accounts, so there are two statements. The address of an account counts, since that of the row may be an older one.
 */
export async function readUsers({ db, store }: AccountAccess, { matches, limit }: UsersQuery): Promise<UsersPage> {
  // One more of each shows whether there are more.
  const max = limit + 1;
  const rows = await db.acrossAllUsers(async (em) => {
    const found = await sql<UserSummary>`
select id, email, created_at as "createdAt" from public.users where ${matches} order by id limit ${max}`.execute(
      em.getKysely(),
    );
    return found.rows;
  });
  const ids = rows.map(({ id }) => id);
  const columns = sql`id, email, "createdAt", coalesce(${matches}, false) as "isMatch"`;
  const { rows: accounts } = await sql<Account>`
(select ${columns} from auth."user" where ${matches} order by id limit ${max})
union (select ${columns} from auth."user" where id = any (${ids}::uuid[]))`
    .execute(store.kysely)
    .catch((error: unknown) => {
      throw toNamedError(error);
    });
  const known = new Set(accounts.map(({ id }) => id));
  const matching = accounts
    .filter(({ isMatch }) => isMatch)
    .map(({ id, email, createdAt }) => ({ id, email, createdAt }));
  const all = [...matching, ...rows.filter(({ id }) => !known.has(id))].map(toSummary);
  all.sort((one, other) => (one.id < other.id ? -1 : 1));
  // A full page of one table hides its later users, so the users of the other table are shown only up to there.
  const fullPages = [ids, matching.map(({ id }) => id).sort()].filter(({ length }) => length >= max);
  const [end] = fullPages.map((page) => page[limit - 1]!).sort();
  const users = all.filter(({ id }) => end === undefined || id <= end).slice(0, limit);
  const isLast = end === undefined && users.length === all.length;
  return { users, next: isLast ? null : users.length < limit ? end! : users.at(-1)!.id };
}

/** The manager of entities returns times as texts. */
const toSummary = (user: UserSummary): UserSummary => ({ ...user, createdAt: new Date(user.createdAt) });
