import { type Database, openDatabase } from '../database.ts';
import { type AuthStore, openAuthStore } from '../stores/auth-store.ts';

/** Access to the accounts of the built-in sign-in, and to the rows of all users. */
export interface AccountAccess {
  readonly db: Database;
  readonly store: AuthStore;
}

/** Opens the database for some work on accounts, and closes it. @throws The errors of `openDatabase`. */
export async function withAccounts<Result>(
  url: string,
  work: (access: AccountAccess) => Promise<Result>,
): Promise<Result> {
  const db = await openDatabase({ url, poolMax: 2 });
  try {
    const store = openAuthStore({ url });
    try {
      return await work({ db, store });
    } finally {
      await store.close();
    }
  } finally {
    await db.close();
  }
}
